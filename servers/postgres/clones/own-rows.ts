import { messageOf } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { readMark } from '../marks/mark.ts';
import type { CloneMark } from '../marks/state.ts';

/** Rows that were written to a table since its database was cloned, by PostgreSQL's own statistics. */
export interface WrittenTable {
  /** `orders`; outside the schema `public` with it: `billing.invoices`. */
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Whether a clone holds what its template does not have. */
export type OwnRows =
  | { readonly kind: 'none' }
  | { readonly kind: 'written'; readonly tables: readonly WrittenTable[] }
  /** `why` follows "it is not known whether it was written to: ". */
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * What was written to an environment's database since it was cloned. A copied database begins without statistics, so
 * what PostgreSQL counts in it came afterwards; it forgets them in a crash, which is seen and said. A database that does
 * not exist holds nothing. `signal` ends it with COPPICE_INTERRUPTED.
 */
export async function ownRows(server: Server, database: string, signal: AbortSignal): Promise<OwnRows> {
  const mark = await readMark(server, database);
  if (mark?.kind === 'clone' && mark.origin.kind !== 'template') {
    return { kind: 'unknown', why: originText(mark.origin) };
  }
  let inside: Server;
  try {
    inside = await server.in(database);
  } catch (error) {
    if (isRefusal(error, '3D000')) return { kind: 'none' };
    return { kind: 'unknown', why: messageOf(error) };
  }
  try {
    return await counted(inside, mark?.kind === 'clone' ? mark : undefined, signal);
  } finally {
    await inside.close();
  }
}

function originText(origin: Exclude<CloneMark['origin'], { readonly kind: 'template' }>): string {
  if (origin.kind === 'snapshot') return `it was restored from the snapshot ${origin.name}`;
  return origin.kind === 'fork'
    ? `it began as a copy of ${origin.of}`
    : `it was moved here from the cluster ${origin.from}`;
}

async function counted(inside: Server, mark: CloneMark | undefined, signal: AbortSignal): Promise<OwnRows> {
  const seen = await until(() => look(inside), {
    every: 500,
    within: FLUSHED_MS,
    done: ({ tables, writing, recent }) => tables.length > 0 || writing || !recent,
    signal,
  });
  if (seen.tables.length > 0) return { kind: 'written', tables: seen.tables };
  if (seen.writing) return { kind: 'unknown', why: 'a transaction that writes is open in it' };
  if (mark === undefined) return { kind: 'unknown', why: 'it does not say when it was cloned' };
  return seen.countedSince !== null && seen.countedSince > Date.parse(mark.createdAt)
    ? { kind: 'unknown', why: 'PostgreSQL lost its counts of written rows since, as after a crash' }
    : { kind: 'none' };
}

/** A session reports what it counted at the latest when it was idle for 10 s. */
const FLUSHED_MS = 12_000;

interface Seen {
  readonly tables: readonly WrittenTable[];
  /** A transaction that has written is open. */
  readonly writing: boolean;
  /** A session did something so short a time ago that it may not have reported its counts. */
  readonly recent: boolean;
  /** Milliseconds since 1970. Null: they were never lost. */
  readonly countedSince: number | null;
}

async function look(inside: Server): Promise<Seen> {
  const tables = await inside.query<WrittenTable>(
    `SELECT CASE schemaname WHEN 'public' THEN relname ELSE schemaname || '.' || relname END AS table,
            n_tup_ins::float8 AS inserted, n_tup_upd::float8 AS updated, n_tup_del::float8 AS deleted
       FROM pg_stat_user_tables
      WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
      ORDER BY n_tup_ins + n_tup_upd + n_tup_del DESC, 1`,
  );
  const [state] = await inside.query<Omit<Seen, 'tables'>>(
    `SELECT coalesce(bool_or(backend_xid IS NOT NULL), false) AS writing,
            coalesce(bool_or(state_change > clock_timestamp() - $1 * interval '1 millisecond'), false) AS recent,
            (SELECT extract(epoch FROM stats_reset)::float8 * 1000 FROM pg_stat_bgwriter) AS "countedSince"
       FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    [FLUSHED_MS],
  );
  if (state === undefined) throw new Error('an aggregate without a row');
  return { ...state, tables };
}
