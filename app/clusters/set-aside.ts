import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { namesIn, readJson, writeJson } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { allStacks, keptPaths, readStack, type StackName, type StackState } from '../engine/index.ts';
import { isOfCluster } from './forget.ts';

type Driver = ClusterRecord['driver'];

/** A change from one cluster's state to another's that is under way: a killed one is completed by the next command. */
interface Switch {
  readonly from: Driver;
  readonly to: Driver;
  /** `aside`: the files of `from` are being put away. `back`: those of `to` are being brought back. */
  readonly step: 'aside' | 'back';
}

/** What of a cluster that is not in use was put away. */
export interface SetAside {
  readonly record: ClusterRecord | undefined;
  readonly stacks: readonly (StackName & { readonly state: StackState })[];
}

/** Where the state of a cluster waits until it is used again: files at the same places as below the data folder. */
function asideFolder(driver: Driver, { data }: Paths): string {
  return join(data, 'clusters', driver);
}

const switchFile = ({ data }: Paths) => join(data, 'clusters', 'switch.json');

/** The places of what was put away: what reads state can read it there. */
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
 * Puts away all that is known about the cluster of one driver, its record first, and brings back what was put away of
 * another's, its record last: at no moment the record of one stands beside the stacks of the other.
 */
export async function switchState(from: Driver, to: Driver, places: Paths = paths()): Promise<void> {
  await completeSwitch(places);
  await writeJson(switchFile(places), { from, to, step: 'aside' } satisfies Switch);
  await completeSwitch(places);
}

/** Goes on with a switch that was cut short; nothing when there is none. */
export async function completeSwitch(places: Paths = paths()): Promise<void> {
  const under = await readJson<Switch>(switchFile(places));
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

/** What was put away of a driver's cluster; undefined when nothing was. */
export async function readAside(driver: Driver, places: Paths = paths()): Promise<SetAside | undefined> {
  const there = asidePlaces(driver, places);
  if ((await filesOf(there)).length === 0) return undefined;
  const record = await readJson<ClusterRecord>(there.clusterRecord);
  const stacks = await Promise.all(
    (await allStacks(there)).map(async (stack) => ({
      ...stack,
      state: (await readStack(stack, there)) ?? { resources: [], pending: [] },
    })),
  );
  return { record, stacks };
}

/** Forgets what was put away of a cluster that is gone. */
export async function forgetAside(driver: Driver, places: Paths = paths()): Promise<void> {
  const record = (await readAside(driver, places))?.record;
  if (record !== undefined) await rm(record.kubeconfig, { force: true });
  await rm(asideFolder(driver, places), { recursive: true, force: true });
}

/** Absolute paths of all files that are about one cluster, its record first. Stacks of a person's own are none. */
async function filesOf(places: Paths): Promise<string[]> {
  const { data, environments, clusterRecord } = places;
  const stacks = [];
  for (const stack of await allStacks(places)) {
    if (isOfCluster((await readStack(stack, places))?.resources ?? [])) stacks.push(stack);
  }
  const own = (await namesIn(data)).filter((name) =>
    /^(platform|platform-parts|swept-\w+)\.json$/.test(name),
  );
  const records = await Promise.all(
    (await namesIn(environments)).map(async (app) =>
      (await namesIn(join(environments, app)))
        // What was set up in a worktree stays set up.
        .filter((name) => name.endsWith('.json') && !name.endsWith('.setup.json'))
        .map((name) => join(environments, app, name)),
    ),
  );
  const found = [
    clusterRecord,
    ...own.map((name) => join(data, name)),
    ...records.flat(),
    ...stacks.flatMap((stack) => keptPaths(stack, places)),
  ];
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
  const siblings = await namesIn(dirname(path));
  return siblings.includes(path.slice(dirname(path).length + 1));
}
