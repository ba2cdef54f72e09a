import { join } from 'node:path';
import type { Settings } from '../../../config/settings/settings.ts';
import { type ClusterRecord, readClusterRecord } from '../../../core/state/cluster-record.ts';
import { dumpsFolder } from '../../../core/state/dumps.ts';
import { userHome, userPaths } from '../user-paths.ts';
import { type Facts, gatherFacts } from './facts.ts';
import { mountedRoots } from './mounted-roots.ts';
import { namesOf, ownerOf } from './names.ts';
import { portsOf } from './ports.ts';

/** Where this user's cluster keeps things, and their names. */
export type Surroundings = ReturnType<typeof surroundingsOf>;

export function surroundingsOf(settings: Settings) {
  const { data, clusterRecord } = userPaths();
  const names = namesOf(settings.k3d.name);
  const dumps = dumpsFolder(data);
  return {
    data,
    clusterRecord,
    names,
    owner: ownerOf(data),
    /** The folder of the dumps, which is created with the cluster. */
    dumps,
    /** Absolute folders of this machine that a new cluster's nodes see. */
    roots: mountedRoots(settings.k3d.roots ?? [userHome()], dumps),
    api: { kubeconfig: join(data, `${names.context}.kubeconfig`), context: names.context },
    configFile: join(data, `${names.context}.yaml`),
    /** Those that a new cluster cannot do without. */
    ports: portsOf(settings),
  };
}

/** The machine's current facts; `k3d` is the program's path, if it is installed. */
export async function inspectSurroundings(
  { names, api, ports, ...places }: Surroundings,
  k3d: string | undefined,
): Promise<Facts> {
  const recordedEngine = (await ownRecord({ names, ...places }))?.engine;
  return gatherFacts({ k3d, cluster: names.cluster, api, ports: Object.values(ports), recordedEngine });
}

/** The record may now be another driver's, or that of a cluster with another name. */
export async function ownRecord({
  clusterRecord,
  names,
}: Pick<Surroundings, 'clusterRecord' | 'names'>): Promise<ClusterRecord | undefined> {
  const record = await readClusterRecord(clusterRecord);
  return record?.driver === 'k3d' && record.context === names.context ? record : undefined;
}
