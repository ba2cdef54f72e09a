import type { Kube } from '../../cluster/kube/client.ts';
import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { interruptible } from '../../core/interrupts.ts';
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

interface Live {
  readonly namespace: string;
  /** `shop/main` */
  readonly name: string;
}

/**
 * Changes files in a worktree while no pod has them open: a process whose packages are deleted under it can only crash,
 * or live on in what is gone. Stops the services of every environment of the worktree, and starts those of the others
 * again afterwards. When the work fails or is interrupted all are started again: what was running before runs, and if
 * its packages are incomplete it says so itself, while a stopped one would stay stopped after the next setup too.
 */
export async function withoutLiveServices<T>(
  { cluster, worktree, own }: LiveFiles,
  ports: Ports,
  work: () => Promise<T>,
): Promise<T> {
  const { kube } = await connectTo(cluster);
  const live = await callCluster(cluster, () => liveIn(kube, worktree));
  if (live.length === 0) return work();
  ports.screen.note(
    `setup: the services of ${namesOf(live)} are stopped while it runs, and restarted after it`,
  );
  try {
    await callCluster(cluster, () => stopServices(kube, live, ports));
    const result = await work();
    const others = live.filter(({ namespace }) => namespace !== own);
    await callCluster(cluster, () => startServices(kube, others));
    return result;
  } catch (error) {
    const started = await callCluster(cluster, () => startServices(kube, live)).then(
      () => true,
      () => false,
    );
    ports.screen.note(unfinished(live, started));
    throw error;
  }
}

function namesOf(live: readonly Live[]): string {
  return live.map(({ name }) => name).join(' and ');
}

function unfinished(live: readonly Live[], started: boolean): string {
  const names = namesOf(live);
  return started
    ? `setup did not finish: the services of ${names} are started again, with the files as they are now; the next \`wt up\` runs setup again`
    : `setup did not finish, and the services of ${names} are still stopped: \`wt start\` starts them, \`wt up\` runs setup again`;
}

async function startServices(kube: Kube, environments: readonly Live[]): Promise<void> {
  await Promise.all(environments.map(({ namespace }) => restoreReplicas(kube, namespace)));
}

/** Those that are not stopped by somebody, nor being removed. */
async function liveIn(kube: Kube, worktree: string): Promise<Live[]> {
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
}

/** Ctrl+C ends the wait. */
async function stopServices(kube: Kube, live: readonly Live[], { interrupts }: Ports): Promise<void> {
  await Promise.all(live.map(({ namespace }) => scaleToZero(kube, namespace)));
  await interruptible(interrupts, (signal) =>
    Promise.all(
      live.map(({ namespace }) => untilNoPods(kube, namespace, { labelSelector: Label.service, signal })),
    ),
  );
}
