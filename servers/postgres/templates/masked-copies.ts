import { DatabaseError } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/counted.ts';
import type { Server } from '../connection/server.ts';
import type { LeftOut } from '../restore/report.ts';

/** What a mask of tables does not reach. */
export interface MaskedCopies {
  /** Materialised views that are empty now, as they could not be filled from the masked rows. */
  readonly emptied: readonly LeftOut[];
  /** One sentence for each thing of the dump that is still as it was. */
  readonly kept: readonly string[];
}

interface View {
  /** With its schema, quoted. */
  readonly name: string;
  readonly why?: string;
}

/**
 * Removes what the server has derived from the rows that a mask has changed since: the rows of materialised views,
 * which are filled again, and the statistics, of which ANALYZE replaces only those of tables with rows. Runs as the
 * database's temporary login. Throws COPPICE_MASK when a materialised view keeps rows from before the mask.
 */
export async function maskCopies(
  server: Server,
  as: { readonly database: string; readonly user: string; readonly password: string },
): Promise<MaskedCopies> {
  const [admin, session] = [await server.in(as.database), await server.in(as.database, as)];
  try {
    const emptied = await refillViews(session);
    await clearStatistics(admin, session);
    return { emptied, kept: await largeObjects(session) };
  } finally {
    await session.close();
    await admin.close();
  }
}

/** All are emptied before the first is filled, so that none is filled from the old rows of another one. */
async function refillViews(session: Server): Promise<LeftOut[]> {
  // What a view needs was created before it, unless a function or a replaced view hides it.
  const views = await session.query<View>(
    `SELECT format('%I.%I', nspname, relname) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind = 'm' AND relispopulated ORDER BY c.oid`,
  );
  for (const { name } of views) await empty(session, name);
  await seeExtensions(session);
  let failed: View[] = views;
  for (let before = Number.POSITIVE_INFINITY; failed.length > 0 && failed.length < before; ) {
    before = failed.length;
    failed = await fill(session, failed);
  }
  return failed.map(({ name, why = '' }) => ({ kind: 'view', line: 0, what: name, why }));
}

async function empty(session: Server, view: string): Promise<void> {
  try {
    await session.query(`REFRESH MATERIALIZED VIEW ${view} WITH NO DATA`);
  } catch (error) {
    if (!isOfView(error)) throw error;
    throw new CoppiceError(
      'COPPICE_MASK',
      `the materialised view ${view} keeps rows from before the mask: ${error.message}`,
      { hint: `let the mask drop it: \`DROP MATERIALIZED VIEW ${view};\``, cause: error },
    );
  }
}

/** Those that fail, with the reason. */
async function fill(session: Server, views: readonly View[]): Promise<View[]> {
  const failed: View[] = [];
  for (const { name } of views) {
    try {
      await session.query(`REFRESH MATERIALIZED VIEW ${name}`);
    } catch (error) {
      if (!isOfView(error)) throw error;
      failed.push({ name, why: error.message });
    }
  }
  return failed;
}

/** Functions of a view may look something up, as they did where the dump comes from. */
async function seeExtensions(session: Server): Promise<void> {
  await session.query(
    `SELECT set_config('search_path', concat_ws(', ', '"$user"', 'public', string_agg(DISTINCT quote_ident(nspname), ', ')), false)
       FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
      WHERE nspname NOT IN ('public', 'pg_catalog')`,
  );
}

/** Not of the disk, the memory or the server as a whole. */
function isOfView(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && !/^(?:53|57|58|XX)/.test(error.code ?? '');
}

/** The most common values and the bounds of histograms are values of rows. */
async function clearStatistics(admin: Server, session: Server): Promise<void> {
  const [can] = await admin.query<{ all: boolean; each: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS all,
            to_regproc('pg_catalog.pg_clear_attribute_stats') IS NOT NULL AS each`,
  );
  if (can?.all)
    await admin.query(
      // 16384: the first that is no object of the server's own.
      'DELETE FROM pg_statistic WHERE starelid >= 16384; DELETE FROM pg_statistic_ext_data WHERE stxoid >= 16384',
    );
  else if (can?.each)
    await session.query(
      `SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
         FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
}

async function largeObjects(session: Server): Promise<string[]> {
  const [found] = await session.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pg_largeobject_metadata',
  );
  if (!found?.count) return [];
  return [
    `the dump has ${counted(found.count, 'large object')}, which no UPDATE of a table masks: lo_unlink or lo_put in the mask does`,
  ];
}
