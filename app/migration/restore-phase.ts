import { CoppiceError, hasCode, messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { size } from '../../core/text/size.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { diskUse } from '../../servers/postgres/server.ts';
import { restoreTransferred } from '../../servers/postgres/transfer.ts';
import { ensureEngine } from '../engine/index.ts';
import { scaleToZero } from '../environments/replicas.ts';
import { up } from '../environments/up.ts';
import { ensurePlatform } from '../platform/ensure.ts';
import type { Ports } from '../ports.ts';
import { restoreDump } from './dump-file.ts';
import { kubeOf } from './dump-phase.ts';
import { databaseOfEnvironment, type Journal, type MovedDatabase, writeJournal } from './journal.ts';

/** An environment or database that could not be carried over or brought up. */
export interface Failure {
  /** Name of the environment, or of its database. */
  readonly what: string;
  readonly reason: string;
}

/** Whether an environment with a worktree uses a database. */
export function hasWorktree(
  { mark }: Pick<MovedDatabase, 'mark'>,
  { environments }: Pick<Journal, 'environments'>,
) {
  return environments.some(
    ({ app, slug, specFolder }) => specFolder !== undefined && mark.app === app && mark.environment === slug,
  );
}

/** The databases that are still to be restored. */
export function pendingDatabases(journal: Pick<Journal, 'environments' | 'databases'>): MovedDatabase[] {
  return journal.databases.filter((database) => !database.restored && hasWorktree(database, journal));
}

/**
 * Brings up the new cluster's platform, with a database server if one is needed and has room. Throws COPPICE_DISK_FULL.
 */
export async function preparePlatform(
  journal: Journal,
  record: ClusterRecord,
  signal: AbortSignal,
  ports: Ports,
): Promise<void> {
  const programs = await ensureEngine(ports.screen);
  const wanted = pendingDatabases(journal);
  const needs = wanted.length > 0 ? ['postgres' as const] : [];
  await ensurePlatform(record, programs, ports, { needs });
  if (wanted.length === 0) return;
  const needed = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
  const disk = await withServer(await kubeOf(record), { server: platformPlace(record) }, signal, diskUse);
  if (disk === undefined || disk.free > needed) return;
  throw new CoppiceError(
    'COPPICE_DISK_FULL',
    `the databases take ${size(needed)} as full copies, and ${size(disk.free)} are free on the disk of the ${journal.to} cluster`,
    { hint: 'wt db list shows what takes it; to remove environments that are not needed: wt down' },
  );
}

/** Restores every pending database; one failure does not stop the others. Throws COPPICE_INTERRUPTED. */
export async function restoreDatabases(
  journal: Journal,
  record: ClusterRecord,
  signal: AbortSignal,
  { screen }: Ports,
): Promise<{ readonly journal: Journal; readonly failures: readonly Failure[] }> {
  const kube = await kubeOf(record);
  const failures: Failure[] = [];
  let now = journal;
  for (const database of pendingDatabases(journal)) {
    const { name, file } = database;
    const task = screen.start(`restoring ${name}`);
    try {
      await withServer(kube, { server: platformPlace(record) }, signal, (server) =>
        restoreTransferred(server, database, journal.from, (filling) =>
          restoreDump(kube, { file, filling, signal }),
        ),
      );
      const databases = now.databases.map((one) => (one.name === name ? { ...one, restored: true } : one));
      now = { ...now, databases };
      await writeJournal(now);
      task.done(rowsOf(database));
    } catch (error) {
      task.fail(messageOf(error));
      if (signal.aborted || isInterruption(error)) throw error;
      failures.push({ what: name, reason: messageOf(error) });
    }
  }
  return { journal: now, failures };
}

function rowsOf({ contents }: MovedDatabase): string {
  const tables = contents.filter(({ kind }) => kind === 'table');
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${tables.length} tables, ${rows} rows, all as before`;
}

/**
 * Runs `wt up` in every worktree whose database is restored, and stops again what was stopped. One failure does not
 * stop the others. Throws COPPICE_INTERRUPTED.
 */
export async function bringUp(
  journal: Journal,
  record: ClusterRecord,
  signal: AbortSignal,
  ports: Ports,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const nothing = { yes: false, refresh: false, setup: false, dropDatabase: false, dropTemporal: false };
  for (const environment of journal.environments) {
    const { app, slug, namespace, specFolder, as, stopped } = environment;
    const unfilled = databaseOfEnvironment(environment, pendingDatabases(journal)) !== undefined;
    if (specFolder === undefined || unfilled) continue;
    signal.throwIfAborted();
    try {
      const named = as === undefined ? {} : { as };
      await up({ ...nothing, ...named }, { ...ports, cwd: specFolder });
      if (stopped) await scaleToZero(await kubeOf(record), namespace);
    } catch (error) {
      if (isInterruption(error)) throw error;
      failures.push({ what: environmentName(app, slug), reason: messageOf(error) });
    }
  }
  return failures;
}

function isInterruption(error: unknown): boolean {
  return hasCode(error, 'COPPICE_INTERRUPTED');
}
