import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { Annotation, Label, managedBy } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { restoreReplicas, scaleToZero } from './replicas.ts';

/** The environments whose pods have a worktree's files mounted. */
export interface LiveFiles {
  readonly cluster: ClusterRecord;
  readonly worktree: string;
  /** Namespace of the environment that is brought up: the engine starts it, with what it is to become. */
  readonly own: string;
}

/**
 * Changes files in a worktree while no pod has them open: a process whose packages are deleted under it can only crash,
 * or live on in what is gone. Stops the services of every environment of the worktree, and starts those of the others
 * again afterwards. When the work fails they stay stopped, as their packages may be incomplete.
 */
export async function withoutLiveServices<T>(
  { cluster, worktree, own }: LiveFiles,
  ports: Ports,
  work: () => Promise<T>,
): Promise<T> {
  const { kube } = await connectTo(cluster);
  const live = await callCluster(cluster, async () => {
    const { items } = await kube.core.listNamespace({
      labelSelector: `${Label.managedBy}=${managedBy},${Label.environment}`,
    });
    const running = items.filter(
      ({ metadata }) =>
        metadata?.annotations?.[Annotation.worktree] === worktree &&
        metadata.annotations[Annotation.stopped] === undefined &&
        metadata.deletionTimestamp === undefined,
    );
    return running.map(({ metadata }) => ({
      namespace: metadata?.name ?? '',
      name: `${metadata?.labels?.[Label.app]}/${metadata?.labels?.[Label.environment]}`,
    }));
  });
  if (live.length === 0) return work();
  const names = live.map(({ name }) => name).join(' and ');
  ports.screen.note(`setup: the services of ${names} are stopped while it runs, and restarted after it`);
  await callCluster(cluster, async () => {
    await Promise.all(live.map(({ namespace }) => scaleToZero(kube, namespace)));
    await Promise.all(
      live.map(({ namespace }) => untilNoPods(kube, namespace, { labelSelector: Label.service })),
    );
  });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    ports.screen.note(
      `setup did not finish: ${names} stays stopped; \`wt up\` runs it again, \`wt start\` starts as it is`,
    );
    throw error;
  }
  const others = live.filter(({ namespace }) => namespace !== own);
  await callCluster(cluster, () =>
    Promise.all(others.map(({ namespace }) => restoreReplicas(kube, namespace))),
  );
  return result;
}
