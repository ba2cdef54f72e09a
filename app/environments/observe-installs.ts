import type { V1Job, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Kube } from '../../cluster/kube/client.ts';
import { Annotation, Label } from '../../core/labels.ts';

/** Packages that `install:` installed for the pods of some services. */
export interface ObservedInstall {
  /** The first service that uses it. */
  readonly name: string;
  readonly state: 'done' | 'running' | 'unfinished';
  /** Name of the volume's claim. */
  readonly volume: string;
  /** Milliseconds since it finished. */
  readonly age?: number;
}

/** All of them, by service; none where the pods use the host's packages. */
export async function observeInstalls(kube: Kube, namespace: string): Promise<ObservedInstall[]> {
  const labelSelector = Label.install;
  const { items } = await kube.core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector });
  if (items.every(({ metadata }) => metadata?.deletionTimestamp)) return [];
  const jobs = await kube.batch.listNamespacedJob({ namespace, labelSelector });
  return installsFrom(items, jobs.items);
}

/** From the claims and Jobs of a namespace with the label of `install:`. */
export function installsFrom(
  claims: readonly V1PersistentVolumeClaim[],
  jobs: readonly V1Job[],
): ObservedInstall[] {
  return claims
    .filter(({ metadata }) => !metadata?.deletionTimestamp)
    .map((claim) => installFrom(claim, jobs))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function installFrom({ metadata }: V1PersistentVolumeClaim, jobs: readonly V1Job[]): ObservedInstall {
  const volume = metadata?.name ?? '';
  const base = { name: metadata?.labels?.[Label.install] ?? '', volume };
  const installed = metadata?.annotations?.[Annotation.installed];
  if (installed !== undefined)
    return { ...base, state: 'done', age: Date.now() - new Date(installed).getTime() };
  const job = jobs.find((job) => job.metadata?.name === volume);
  return { ...base, state: job?.status?.active ? 'running' : 'unfinished' };
}
