import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, ExitCode, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere, removeIfEmpty, writeJson } from '../../../core/files.ts';
import { environmentName, namespaceName, slugOf } from '../../../core/names.ts';
import { paths } from '../../../core/paths.ts';
import { readClusterRecord } from '../../../core/state/cluster-record.ts';
import { readState, type StateFile } from '../../../core/state/state-file.ts';
import { listWorktrees, nameOf } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import type { DeletedEnvironment } from '../trash/record.ts';

/** An environment that is removed once the cluster answers: its worktree is gone already. */
interface PendingRemoval {
  readonly app: string;
  readonly slug: string;
  /** Absolute path of the worktree that it belonged to; empty for a branch or an environment alone. */
  readonly worktree: string;
  /** What that worktree was called: its branch; absent for an environment alone, and in earlier notes. */
  readonly name?: string;
  /** Absolute path of a folder of the repository that stays. */
  readonly home: string;
  /** Running workflows were given up. */
  readonly endWorkflows: boolean;
  /** Its telemetry is deleted too; absent in earlier notes. */
  readonly purge?: boolean;
  /** It was removed already: whoever has one of its name by then keeps it. */
  readonly removed?: boolean;
}

const file: StateFile = {
  what: 'the note of an environment that is to be removed',
  fields: { app: 'string', slug: 'string', worktree: 'string', home: 'string' },
  afterwards: '`wt down APP/SLUG` removes the environment',
};

const folder = () => join(paths().data, 'removals');
const fileOf = ({ app, slug }: { readonly app: string; readonly slug: string }) =>
  join(folder(), `${app}--${slug}.json`);

type PlaceOfRemoval = Omit<PendingRemoval, 'app' | 'slug' | 'removed'>;

/** Removes one environment; when the cluster does not answer, it is noted for later. Throws what `down` throws. */
export async function removeEnvironment(
  environment: DeletedEnvironment,
  place: PlaceOfRemoval,
  ports: Ports,
): Promise<DeletedEnvironment> {
  const { app, slug } = environment;
  const { home, endWorkflows, purge = false } = place;
  const { down } = await import('../../environments/down.ts');
  try {
    const target = { environment: environmentName(app, slug), force: endWorkflows, purge };
    const { removed, telemetry } = await down(target, { ...ports, cwd: home });
    await rm(fileOf(environment), { force: true });
    if (removed === undefined) return { app, slug, state: 'absent', ...defined({ telemetry }) };
    return { app, slug, state: 'removed', ...defined({ database: removed.kept, telemetry }) };
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await writeNote({ app, slug, ...place });
    return { app, slug, state: 'pending' };
  }
}

function writeNote(pending: PendingRemoval): Promise<void> {
  const { app, slug, worktree, home, endWorkflows, purge = false, name, removed } = pending;
  const note = { version: 1, app, slug, worktree, home, endWorkflows, purge, ...defined({ name, removed }) };
  return writeJson(fileOf(pending), note);
}

/**
 * Deletes the telemetry of one that was removed earlier, and nothing else; when the cluster does not answer, it is noted
 * for later. Throws what the cluster answers.
 */
export async function purgeEarlier(
  environment: DeletedEnvironment,
  place: PlaceOfRemoval,
  ports: Ports,
): Promise<DeletedEnvironment> {
  const { app, slug } = environment;
  try {
    const [purged = environment] = await purgeRemoved([environment], ports);
    await rm(fileOf(environment), { force: true });
    return purged;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await writeNote({ app, slug, ...place, removed: true });
    return { app, slug, state: 'pending' };
  }
}

/**
 * Deletes the telemetry of environments that were removed earlier; one that is up again keeps its own. Without a cluster
 * there is none. Throws COPPICE_CLAIMED, COPPICE_CLUSTER_DOWN.
 */
export async function purgeRemoved(
  environments: readonly DeletedEnvironment[],
  ports: Ports,
): Promise<DeletedEnvironment[]> {
  const record = await readClusterRecord();
  if (record === undefined) return [...environments];
  const [{ presenceOf }, { purgeTelemetry }] = await Promise.all([
    import('../../telemetry/presence.ts'),
    import('../../telemetry/purge.ts'),
  ]);
  const purged = async (environment: DeletedEnvironment) => {
    const { app, slug } = environment;
    const namespace = namespaceName(app, slug);
    const { gone } = await presenceOf({ app, slug, namespace }).catch(unlessUnknown);
    return gone ? { ...environment, telemetry: await purgeTelemetry(namespace, record, ports) } : environment;
  };
  return Promise.all(environments.map(purged));
}

/** Where no store knows it, or one is away, there is nothing up either. */
function unlessUnknown(error: unknown): { readonly gone: boolean } {
  if (hasCode(error, 'COPPICE_NO_ENVIRONMENT', 'COPPICE_TELEMETRY_UNREACHABLE')) return { gone: true };
  throw error;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof CoppiceError && error.exitCode === ExitCode.unreachable;
}

/** An undo needs the environment: it is not removed later. True when it was to be. */
export async function cancelRemoval(environment: DeletedEnvironment): Promise<boolean> {
  const there = await isThere(fileOf(environment));
  await rm(fileOf(environment), { force: true });
  return there;
}

/**
 * Removes what could not be removed while the cluster did not answer, and says so. Nothing is loaded where there is
 * nothing; one whose worktree is back is forgotten. Never throws: what fails stays for the next time.
 */
export async function finishRemovals(ports: Ports): Promise<void> {
  const names = await readdir(folder()).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const pending = await readState<PendingRemoval>(join(folder(), name), file).catch(() => undefined);
    if (pending !== undefined) await finish(pending, ports);
  }
  await removeIfEmpty(folder());
}

async function finish(pending: PendingRemoval, ports: Ports): Promise<void> {
  const { app, slug, home } = pending;
  const whose = environmentName(app, slug);
  const at = (await isThere(home)) ? home : ports.cwd;
  if (await isBack(pending, at)) return rm(fileOf(pending), { force: true });
  try {
    const place = { ...pending, home: at };
    const { state } = pending.removed
      ? await purgeEarlier({ app, slug, state: 'absent' }, place, ports)
      : await removeEnvironment({ app, slug, state: 'there' }, place, ports);
    if (state === 'removed')
      ports.screen.note(`removed ${whose}: its worktree was deleted while the cluster was down`);
  } catch (error) {
    ports.screen.note(`${whose} is still to be removed, as its worktree was deleted: ${messageOf(error)}`);
  }
}

/** Whether a worktree has the environment again, wherever it is; another one at the old path has not. */
async function isBack({ name, slug }: PendingRemoval, home: string): Promise<boolean> {
  const worktrees = await listWorktrees(home).catch(() => []);
  return worktrees.some((one) => {
    if (one.bare || one.prunable !== undefined) return false;
    return name === undefined ? slugOf(nameOf(one)) === slug : nameOf(one) === name;
  });
}
