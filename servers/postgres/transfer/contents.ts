import { escapeIdentifier } from 'pg';
import type { Server } from '../connection/server.ts';

/** What a table or a sequence contains: two with the same name and equal contents hold the same rows. */
export interface Content {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'sequence';
  /** Rows of a table, the next or last value of a sequence. */
  readonly rows: number;
  /**
   * Sum of a 64-bit hash of each row's text, independent of their order; for a sequence, whether its value
   * was used.
   */
  readonly checksum: string;
}

/** An extension, in the order of creation. */
export interface PresentExtension {
  readonly name: string;
  readonly schema: string;
}

/** The text of a value must not depend on the session's settings. */
const steady = `SET search_path = ''; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';
  SET extra_float_digits = 1; SET bytea_output = 'hex'; SET row_security = on`;

/**
 * The contents of this connection's database, sorted by schema and name. Reads every row. Excludes
 * materialized views (a query refreshes them), foreign tables (stored elsewhere) and tables of extensions.
 */
export async function contentsOf(inside: Server): Promise<Content[]> {
  await inside.query(steady);
  const found = await inside.query<{ schema: string; name: string; kind: 'r' | 'S' }>(
    `SELECT nspname AS schema, relname AS name, relkind AS kind
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
      WHERE relkind IN ('r', 'S') AND relpersistence <> 't'
        AND nspname !~ '^pg_' AND nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend
                         WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objid = c.oid AND deptype = 'e')
      ORDER BY nspname, relname`,
  );
  const contents: Content[] = [];
  for (const { schema, name, kind } of found) {
    const [row] = await inside.query<{ rows: number; checksum: string }>(
      kind === 'r' ? ofTable(schema, name) : ofSequence(schema, name),
    );
    contents.push({
      schema,
      name,
      kind: kind === 'r' ? 'table' : 'sequence',
      rows: row?.rows ?? 0,
      checksum: row?.checksum ?? '',
    });
  }
  return contents;
}

function ofTable(schema: string, name: string): string {
  return `SELECT pg_catalog.count(*)::float8 AS rows,
    coalesce(pg_catalog.sum(pg_catalog.hashtextextended(ROW(coppice_row.*)::text, 0)::numeric), 0)::text AS checksum
    FROM ONLY ${escapeIdentifier(schema)}.${escapeIdentifier(name)} AS coppice_row`;
}

function ofSequence(schema: string, name: string): string {
  return `SELECT last_value::float8 AS rows, last_value::text || is_called::text AS checksum
    FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

/** The differences between two databases, one line each; empty when they hold the same. */
export function differences(before: readonly Content[], after: readonly Content[]): string[] {
  const key = ({ schema, name, kind }: Content) => `${kind} ${schema}.${name}`;
  const now = new Map(after.map((content) => [key(content), content]));
  const lines = before.flatMap((content) => {
    const other = now.get(key(content));
    if (other === undefined) return [`${key(content)} is missing`];
    if (content.kind === 'table' && other.rows !== content.rows)
      return [`${key(content)} has ${other.rows} rows instead of ${content.rows}`];
    return other.checksum === content.checksum ? [] : [`${key(content)} has different content`];
  });
  const known = new Set(before.map(key));
  return [...lines, ...after.map(key).flatMap((name) => (known.has(name) ? [] : [`${name} is new`]))];
}

/** Every extension of this connection's database except plpgsql, which every database has. */
export function extensionsOf(inside: Server): Promise<PresentExtension[]> {
  return inside.query<PresentExtension & Record<string, unknown>>(
    `SELECT extname AS name, nspname AS schema FROM pg_extension
       JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql' ORDER BY pg_extension.oid`,
  );
}
