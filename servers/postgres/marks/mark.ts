import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Server } from '../connection/server.ts';
import type { Mark } from '../types.ts';
import { prefixes } from './private-names.ts';

/** A database of ours, or one whose name looks like ours. */
export interface MarkedDatabase {
  readonly name: string;
  readonly oid: number;
  /** Absent when its comment is not ours: only its name looks like ours. */
  readonly mark: Mark | undefined;
  readonly isTemplate: boolean;
  readonly allowsConnections: boolean;
  /** DROP DATABASE was interrupted: it can only be dropped again. */
  readonly broken: boolean;
  readonly sessions: number;
  /** Logical bytes, only after `withSizes`: blocks that are shared count for every database that has them. */
  readonly bytes?: number;
}

export type Marked<Kind extends Mark['kind']> = MarkedDatabase & {
  readonly mark: Mark & { readonly kind: Kind };
};

/** The databases of one kind, with their mark's type narrowed. */
export function markedAs<Kind extends Mark['kind']>(
  databases: readonly MarkedDatabase[],
  kind: Kind,
): Marked<Kind>[] {
  return databases.filter((database): database is Marked<Kind> => database.mark?.kind === kind);
}

/** The mark in a database's comment; undefined when there is no such database or its comment is not ours. */
export async function readMark(server: Server, database: string): Promise<Mark | undefined> {
  const [row] = await server.query<{ comment: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [database],
  );
  return parseMark(row?.comment ?? undefined);
}

export async function writeMark(server: Server, database: string, mark: Mark): Promise<void> {
  await server.query(
    `COMMENT ON DATABASE ${escapeIdentifier(database)} IS ${escapeLiteral(JSON.stringify(mark))}`,
  );
}

/**
 * All databases that are ours or look like ours, sorted by name, in one query. Without sizes, which are slow:
 * see sizes.ts.
 */
export async function marks(server: Server): Promise<MarkedDatabase[]> {
  const rows = await server.query<{
    name: string;
    oid: number;
    comment: string | null;
    template: boolean;
    open: boolean;
    broken: boolean;
    sessions: number;
  }>(
    `SELECT d.datname AS name, d.oid, shobj_description(d.oid, 'pg_database') AS comment,
            d.datistemplate AS template, d.datallowconn AS open, d.datconnlimit = -2 AS broken,
            (SELECT count(*)::int FROM pg_stat_activity a
              WHERE a.datid = d.oid AND a.backend_type <> 'autovacuum worker') AS sessions
       FROM pg_database d ORDER BY d.datname`,
  );
  return rows
    .map((row) => ({ ...row, mark: parseMark(row.comment ?? undefined) }))
    .filter(({ name, mark }) => mark || prefixes.some((prefix) => name.startsWith(prefix)))
    .map(({ name, oid, mark, template, open, broken, sessions }) => ({
      name,
      oid,
      mark,
      broken,
      sessions,
      isTemplate: template,
      allowsConnections: open,
    }));
}

const kinds: readonly string[] = ['template', 'building', 'clone', 'snapshot'];

/** Every owner may comment on their database: anything that is not our mark is ignored. */
export function parseMark(comment: string | undefined): Mark | undefined {
  if (!comment?.startsWith('{')) return undefined;
  try {
    const mark = JSON.parse(comment) as Mark;
    return mark.coppice === 1 && kinds.includes(mark.kind) ? mark : undefined;
  } catch {
    return undefined;
  }
}
