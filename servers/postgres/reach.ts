import { apiMessage, type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';
import { CoppiceError, ExitCode, hasCode } from '../../core/errors.ts';
import { platformNamespace } from '../../core/labels.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import { retry } from '../../core/until.ts';
import { managedAddress, managedLogin } from './connection/managed.ts';
import { connectServer, type Server } from './connection/server.ts';
import type { PostgresAddress, PostgresPlace } from './place.ts';
import type { Login } from './types.ts';

export { managedLogin } from './connection/managed.ts';

const { service, port } = partFacts.postgres;

/** The platform's PostgreSQL: names of its Service, its Secret and its superuser. */
export const platformPostgres = {
  service,
  secret: service,
  host: hostOf('postgres'),
  port: port.service,
  user: 'postgres',
} as const;

/** A server of databases that is reached from this machine. */
export interface ReachedServer {
  readonly login: Login;
  /** Where pods reach it. */
  readonly address: PostgresAddress;
  /** Ends the way to it, not its connections. */
  close(): Promise<void>;
}

/** Whatever says where its server is, such as the inputs of a resource. */
interface Place {
  readonly server: PostgresPlace;
}

/**
 * The way to a server: 127.0.0.1 where the platform is published there, else through the API server.
 * Throws COPPICE_NO_DATABASE_SERVER, COPPICE_PORT_FORWARD, COPPICE_MANAGED_DATABASE.
 */
async function reachServer(kube: Kube, { server }: Place): Promise<ReachedServer> {
  if (server.kind === 'managed') {
    const login = await managedLogin(server.url, process.env);
    return { login, address: managedAddress(login, server.address), close: async () => {} };
  }
  const password = await superuserPassword(kube);
  const { host, port, user, service } = platformPostgres;
  const login = (local: number): Login => ({ host: '127.0.0.1', port: local, user, password });
  const address = { host, port };
  if (server.port !== undefined) return { login: login(server.port), address, close: async () => {} };
  const way = await forwardPort(kube, { namespace: platformNamespace, service, port });
  return { login: login(way.port), address, close: way.close };
}

async function superuserPassword(kube: Kube): Promise<string> {
  const { secret: name } = platformPostgres;
  const secret = await unlessGone(
    kube.core.readNamespacedSecret({ namespace: platformNamespace, name }),
  ).catch((error: unknown) => {
    throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} cannot be read: ${apiMessage(error)}`, {
      hint: 'run `wt cluster status`',
      exitCode: ExitCode.unreachable,
    });
  });
  const password = secret?.data?.password;
  if (password !== undefined) return Buffer.from(password, 'base64').toString('utf8');
  throw new CoppiceError('COPPICE_NO_DATABASE_SERVER', 'the platform of this cluster has no PostgreSQL', {
    hint: 'run `wt up`, or `wt platform up --with postgres`',
  });
}

const patienceMs = 10_000;
const lookMs = 100;

/**
 * Runs `work` with a connection to the server itself. A server that is just starting is waited for.
 * Throws what reachServer does, COPPICE_DATABASE_UNREACHABLE, COPPICE_INTERRUPTED.
 */
export async function withServer<T>(
  kube: Kube,
  place: Place,
  signal: AbortSignal,
  work: (server: Server, reached: ReachedServer) => Promise<T>,
): Promise<T> {
  const reached = await reachServer(kube, place);
  try {
    const server = await retry(() => connectServer(reached.login, signal), {
      again: (error) => hasCode(error, 'COPPICE_DATABASE_UNREACHABLE'),
      every: lookMs,
      within: patienceMs,
      signal,
    });
    try {
      return await work(server, reached);
    } finally {
      await server.close();
    }
  } finally {
    await reached.close();
  }
}
