import type { KubeReader } from '../../cluster/kube/client.ts';
import { Annotation } from '../../core/labels.ts';

/** What is wrong when `wt stop` paused Temporal schedules and a start that failed later has not continued them. */
export function schedulesProblem({
  stopped,
  schedulesPaused,
}: {
  readonly stopped: boolean;
  readonly schedulesPaused: boolean;
}): string | undefined {
  return schedulesPaused && !stopped ? 'its Temporal schedules are still paused by wt stop' : undefined;
}

/** The same of an environment whose pods run, from one request. Throws what the cluster says. */
export async function pausedProblem(kube: KubeReader, namespace: string): Promise<string | undefined> {
  const { metadata } = await kube.core.readNamespace({ name: namespace });
  const schedulesPaused = metadata?.annotations?.[Annotation.schedulesPaused] !== undefined;
  return schedulesProblem({ stopped: false, schedulesPaused });
}
