import { join } from 'node:path';
import type { ClusterDriver, StartOptions } from '../../cluster/driver.ts';
import { clusterUid } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { type DriverName, driverNames, selectDriver } from '../../cluster/select.ts';
import { loadSettings, type Settings } from '../../config/settings/settings.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { paths } from '../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { invokingUser, makeFolder } from '../../core/user.ts';
import type { Ports } from '../ports.ts';
import { forgetEverything } from './forget.ts';
import { clearReplaced, isReplaced, noteReplaced, readReplaced } from './replaced.ts';
import { completeSwitch, switchState } from './set-aside.ts';

export interface ChosenDriver {
  readonly driver: ClusterDriver;
  /** Why this driver was chosen. */
  readonly reason: string;
  readonly settings: Settings;
}

/** `flag`: value of `--driver`. Throws COPPICE_USAGE for an unknown driver. */
export async function chosenDriver(ports: Ports, flag?: string): Promise<ChosenDriver> {
  const settings = await loadSettings();
  return {
    ...(await selectDriver(
      { settings, progress: ports.screen, interrupts: ports.interrupts },
      driverNamed(flag),
    )),
    settings,
  };
}

function driverNamed(name: string | undefined): DriverName | undefined {
  if (name === undefined) return undefined;
  const found = driverNames.find((driver) => driver === name);
  if (found !== undefined) return found;
  throw new CoppiceError('COPPICE_USAGE', `there is no driver ${name}`, {
    hint: `one of ${driverNames.join(', ')}`,
  });
}

/**
 * Starts the cluster, and forgets what was in one that it replaced. Records of another driver's cluster are set aside
 * until that one is started again. One start at a time: a second one would forget what the first has brought up since.
 */
export function startCluster(
  driver: ClusterDriver,
  ports: Pick<Ports, 'screen'>,
  options?: StartOptions,
): Promise<ClusterRecord> {
  return withStartLock(ports, () => startLocked(driver, ports, options));
}

async function withStartLock<T>({ screen }: Pick<Ports, 'screen'>, work: () => Promise<T>): Promise<T> {
  const { data } = paths();
  await makeFolder(data, invokingUser(), 0o700);
  // Loaded only here: most verbs start no cluster.
  const { withLock } = await import('../../core/lock.ts');
  return withLock(join(data, 'start'), work, () =>
    screen.note('waiting for another command that starts the cluster'),
  );
}

async function startLocked(
  driver: ClusterDriver,
  { screen }: Pick<Ports, 'screen'>,
  options?: StartOptions,
): Promise<ClusterRecord> {
  await completeSwitch();
  const other = await replacedDriver(driver.name);
  if (other !== undefined) await switchState(other, driver.name);
  try {
    const recorded = await readClusterRecord();
    if (recorded === undefined) await completeReset();
    const before = (await readReplaced()) ?? (recorded && { record: recorded, reset: false });
    if (before !== undefined) await noteReplaced(before);
    const record = await driver.start(options);
    const replaced = before !== undefined && isReplaced(before, record);
    if (replaced) await forgetEverything();
    if (recorded !== undefined && (replaced || isEmptied(recorded, record)))
      screen.note(
        'this is another cluster than before: its data were deleted, or lie in another folder; `wt up` in a worktree creates its environment here',
      );
    // Records of another driver's cluster are set aside, and checked when that one is started again.
    if (before?.record.driver === record.driver) await clearReplaced();
    return record;
  } catch (error) {
    if (other !== undefined) await switchState(driver.name, other);
    throw error;
  }
}

/** The data of the one embedded cluster were deleted by hand. What its stacks record is compared with the new one. */
function isEmptied(before: ClusterRecord, now: ClusterRecord): boolean {
  return before.driver === 'embedded' && now.driver === 'embedded' && before.uid !== now.uid;
}

/** A reset removes the record last, so one that was killed left state of a cluster that no longer exists. */
async function completeReset(): Promise<void> {
  if ((await readReplaced())?.reset !== true) return;
  await forgetEverything();
  await clearReplaced();
}

/** The driver of this user's current cluster, if a start would create a second one. */
async function replacedDriver(started: DriverName): Promise<DriverName | undefined> {
  const driver = (await readClusterRecord())?.driver;
  return driver === started || driver === 'existing' || started === 'existing' ? undefined : driver;
}

/** This user's cluster, running: it is started if necessary. Throws what the driver throws, with exit code 3. */
export async function ensureCluster(ports: Ports): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record && (await isAnswering(record))) return record;
  const { driver } = await chosenDriver(ports);
  try {
    return await withStartLock(ports, async () => {
      const latest = await readClusterRecord();
      if (latest && (await isAnswering(latest))) return latest;
      return startLocked(driver, ports);
    });
  } catch (error) {
    if (!(error instanceof CoppiceError) || error.code !== 'COPPICE_NOT_ROOT') throw error;
    const { message, hint } = error;
    throw new CoppiceError('COPPICE_CLUSTER_DOWN', `the cluster does not run, and ${message}`, {
      ...defined({ hint }),
      cause: error,
    });
  }
}

/** Whether the recorded cluster, and not another one, answers now. */
export async function isAnswering({ kubeconfig, context, uid }: ClusterRecord): Promise<boolean> {
  try {
    return (await clusterUid(await lightKube({ kubeconfig, context }))) === uid;
  } catch {
    return false;
  }
}
