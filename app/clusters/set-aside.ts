import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { unlessAbsent, writeJson } from '../../core/files.ts';
import { onDemandParts } from '../../core/part-facts.ts';
import { type Paths, paths, platformFiles } from '../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { readState, type StateFile } from '../../core/state/state-file.ts';
import { allStacks, filesOfStack, readStack, type StackName, type StackState } from '../engine/index.ts';
import { isOfCluster } from './forget.ts';

type Driver = ClusterRecord['driver'];

/** A change from one cluster's state to another's; the next command completes one that was killed. */
interface Switch {
  readonly from: Driver;
  readonly to: Driver;
  /** `aside`: the files of `from` are being set aside. `back`: those of `to` are being restored. */
  readonly step: 'aside' | 'back';
}

/** State that was set aside for a cluster that is not in use. */
export interface SetAside {
  readonly record: ClusterRecord | undefined;
  readonly stacks: readonly (StackName & { readonly state: StackState })[];
}

/** Where a cluster's state waits until it is used again: the same paths as below the data folder. */
function asideFolder(driver: Driver, { data }: Paths): string {
  return join(data, 'clusters', driver);
}

const switchFile = ({ data }: Paths) => join(data, 'clusters', 'switch.json');

const switchRecord: StateFile = {
  what: 'the note of an unfinished switch between two clusters',
  fields: { from: 'string', to: 'string', step: 'string' },
  afterwards:
    'first compare the folders beside it with the data folder: the state of one cluster may be divided between them',
};

/** Paths with which the usual readers read state that was set aside. */
function asidePlaces(driver: Driver, places: Paths): Paths {
  const data = asideFolder(driver, places);
  return {
    ...places,
    data,
    clusterRecord: join(data, 'cluster.json'),
    pulumiState: join(data, 'state'),
    environments: join(data, 'environments'),
  };
}

/**
 * Sets aside the state of one driver's cluster, its record first, and restores another's, its record last: at no moment
 * is one cluster's record beside the other's stacks.
 */
export async function switchState(from: Driver, to: Driver, places: Paths = paths()): Promise<void> {
  await completeSwitch(places);
  await writeJson(switchFile(places), { from, to, step: 'aside' } satisfies Switch);
  await completeSwitch(places);
}

/** Undefined when none was interrupted; throws COPPICE_DAMAGED. */
export function readSwitch(places: Paths = paths()): Promise<Switch | undefined> {
  return readState<Switch>(switchFile(places), switchRecord);
}

/** Completes a switch that was interrupted; does nothing when there is none. */
export async function completeSwitch(places: Paths = paths()): Promise<void> {
  const under = await readSwitch(places);
  if (under === undefined) return;
  const { from, to, step } = under;
  if (step === 'aside') {
    await moveFiles(await filesOf(places), places.data, asideFolder(from, places));
    await writeJson(switchFile(places), { from, to, step: 'back' } satisfies Switch);
  }
  const there = asidePlaces(to, places);
  await moveFiles((await filesOf(there)).reverse(), there.data, places.data);
  await rm(there.data, { recursive: true, force: true });
  await rm(switchFile(places), { force: true });
}

/** The state that was set aside for a driver's cluster; undefined when there is none. */
export async function readAside(driver: Driver, places: Paths = paths()): Promise<SetAside | undefined> {
  const there = asidePlaces(driver, places);
  if ((await filesOf(there)).length === 0) return undefined;
  const record = await readClusterRecord(there.clusterRecord);
  const stacks = await Promise.all(
    (await allStacks(there)).map(async (stack) => ({
      ...stack,
      state: (await readStack(stack, there)) ?? { resources: [], pending: [] },
    })),
  );
  return { record, stacks };
}

/** Deletes the state that was set aside for a cluster that no longer exists. */
export async function forgetAside(driver: Driver, places: Paths = paths()): Promise<void> {
  const record = (await readAside(driver, places))?.record;
  if (record !== undefined) await rm(record.kubeconfig, { force: true });
  await rm(asideFolder(driver, places), { recursive: true, force: true });
}

/** Absolute paths of all files of one cluster, its record first. A user's own stacks are not among them. */
async function filesOf(places: Paths): Promise<string[]> {
  const { data, environments, clusterRecord } = places;
  const stacks = [];
  for (const stack of await allStacks(places)) {
    if (isOfCluster((await readStack(stack, places))?.resources ?? []))
      stacks.push(...(await filesOfStack(stack, places)));
  }
  const { record, parts, sweepOf } = platformFiles;
  const own = [record, parts, ...onDemandParts.map(sweepOf)];
  const records = await Promise.all(
    (await entriesOf(environments)).map(async (app) =>
      (await entriesOf(join(environments, app)))
        // Setup that ran in a worktree stays valid.
        .filter((name) => name.endsWith('.json') && !name.endsWith('.setup.json'))
        .map((name) => join(environments, app, name)),
    ),
  );
  const found = [clusterRecord, ...own.map((name) => join(data, name)), ...records.flat(), ...stacks];
  const present = await Promise.all(found.map(exists));
  return found.filter((_, index) => present[index]);
}

async function moveFiles(files: readonly string[], from: string, to: string): Promise<void> {
  for (const file of files) {
    const target = join(to, relative(from, file));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rm(target, { recursive: true, force: true });
    await rename(file, target);
  }
}

async function exists(path: string): Promise<boolean> {
  const siblings = await entriesOf(dirname(path));
  return siblings.includes(path.slice(dirname(path).length + 1));
}

/** The names in a folder; none where it is absent or a file, which lies among the folders of the apps by mistake. */
async function entriesOf(folder: string): Promise<string[]> {
  return (await unlessAbsent(readdir(folder), ['ENOENT', 'ENOTDIR'])) ?? [];
}
