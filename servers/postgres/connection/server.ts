import { Client, DatabaseError } from 'pg';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { interruptedError } from '../../../core/pause.ts';
import type { Login } from '../types.ts';
import { copyIn } from './copy.ts';

type Row = Record<string, unknown>;

/** One connection to one database of a server. Statements run one after the other. */
export interface Server {
  readonly login: Login;
  /** The database that this connection is in. */
  readonly database: string;
  /** Its backend on the server. */
  readonly pid: number;
  /**
   * The rows. Throws COPPICE_DATABASE_UNREACHABLE when the connection is lost, COPPICE_INTERRUPTED when its
   * signal was aborted, and pg's DatabaseError for what the server refuses.
   */
  query<T = Row>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** Runs a COPY FROM stdin with these rows. Throws what `query` throws, and what reading the rows throws. */
  copy(sql: string, rows: AsyncIterable<Buffer>): Promise<void>;
  /** A connection to another database of the same server, as another role if `as` is given. */
  in(database: string, as?: { readonly user: string; readonly password: string }): Promise<Server>;
  close(): Promise<void>;
}

const connectMilliseconds = 10_000;

/** Connects. Throws COPPICE_DATABASE_UNREACHABLE (exit code 3), COPPICE_INTERRUPTED. */
export async function connectServer(login: Login, signal?: AbortSignal): Promise<Server> {
  return connect(login, login.maintenance ?? 'postgres', signal);
}

async function connect(login: Login, database: string, signal: AbortSignal | undefined): Promise<Server> {
  if (signal?.aborted) throw interruptedError(signal);
  const client = new Client({
    host: login.host,
    port: login.port,
    user: login.user,
    password: login.password,
    database,
    ssl: login.ssl ?? false,
    application_name: 'coppice',
    connectionTimeoutMillis: connectMilliseconds,
    // While a long Job runs this connection is silent, and silent connections get dropped, by a load balancer
    // after 350 s.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  });
  // A lost connection is also an event, which would end the process without a listener. Its queries reject
  // too.
  client.on('error', () => undefined);
  const abandon = () => destroy(client);
  signal?.addEventListener('abort', abandon, { once: true });
  const failure = (error: unknown): unknown =>
    signal?.aborted ? interruptedError(signal) : isLost(error) ? unreachableError(login, error) : error;
  try {
    await client.connect();
  } catch (error) {
    signal?.removeEventListener('abort', abandon);
    destroy(client);
    throw failure(error);
  }
  return {
    login,
    database,
    pid: (client as unknown as { processID: number }).processID,
    query: async <T>(sql: string, params: readonly unknown[] = []) => {
      try {
        // Without parameters the text may hold several statements.
        const result = await (params.length > 0 ? client.query(sql, [...params]) : client.query(sql));
        return (result.rows ?? []) as T[];
      } catch (error) {
        throw failure(error);
      }
    },
    copy: (sql, rows) => copyIn(client, sql, rows, failure),
    in: (other, as) => connect({ ...login, ...as }, other, signal),
    close: async () => {
      signal?.removeEventListener('abort', abandon);
      await client.end().catch(() => undefined);
    },
  };
}

/** Whether PostgreSQL refused with one of these SQLSTATEs (Appendix A of its manual). */
export function isRefusal(error: unknown, ...states: readonly string[]): boolean {
  return error instanceof DatabaseError && error.code !== undefined && states.includes(error.code);
}

/** 08: connection, 28: login, 53300: too many connections, 57P: the server is stopping or starting. */
function isLost(error: unknown): boolean {
  return !(error instanceof DatabaseError) || /^(08|28|53300|57P0[123])/.test(error.code ?? '');
}

function unreachableError(login: Login, cause: unknown): CoppiceError {
  const reason = cause instanceof AggregateError ? messageOf(cause.errors[0]) : messageOf(cause);
  return new CoppiceError(
    'COPPICE_DATABASE_UNREACHABLE',
    `PostgreSQL at ${login.host}:${login.port} refused ${login.user}: ${reason}`,
    {
      hint: "for the platform's server run `wt doctor`; for a managed one check its URL (`databases.managed.url` in the settings)",
      cause,
    },
  );
}

/** Ends the connection at once: `end` would wait for the running statement. */
function destroy(client: Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
