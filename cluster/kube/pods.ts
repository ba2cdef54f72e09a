import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { type Kube, unlessGone } from './client.ts';

/** Why a pod is not ready. */
export interface PodProblem {
  /** For people, without the pod's name: `crashes: exit code 7, 3 restarts`. */
  readonly reason: string;
  /** Waiting longer will not help. */
  readonly hopeless: boolean;
}

/** Undefined when the pod is ready. `events` are this pod's; without them some reasons are less exact. */
export function whyNotReady(pod: V1Pod, events: readonly CoreV1Event[] = []): PodProblem | undefined {
  if (pod.metadata?.deletionTimestamp) return waiting('is ending');
  if (conditionOf(pod, 'Ready')?.status === 'True') return undefined;
  const { status } = pod;
  if (status?.phase === 'Failed' && status.reason)
    return waiting(`was ended by the node: ${status.reason}${colon(status.message)}`);
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return hopeless(`cannot be scheduled${colon(scheduled.message ?? scheduled.reason)}`);
  if (isNodeSilent(pod)) return waiting('is on a node that no longer reports: `wt cluster status` says why');
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    if (container.ready) continue;
    const problem = problemOf(container, pod, events);
    if (problem) return problem;
  }
  return waiting(scheduled ? 'is being created' : 'is being scheduled');
}

/** Only the controller that gave the node up says that a pod is not ready whose containers all are. */
export function isNodeSilent(pod: V1Pod): boolean {
  return (
    pod.status?.phase === 'Running' &&
    conditionOf(pod, 'Ready')?.status === 'False' &&
    conditionOf(pod, 'ContainersReady')?.status === 'True' &&
    !pod.spec?.readinessGates?.length
  );
}

/** kubelet's reasons for a container that cannot even start; the message names the cause. */
const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
];
const startReasons = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

function problemOf(
  container: V1ContainerStatus,
  pod: V1Pod,
  events: readonly CoreV1Event[],
): PodProblem | undefined {
  const { state } = container;
  const reason = state?.waiting?.reason ?? '';
  const message = state?.waiting?.message;
  if (imageReasons.includes(reason))
    return hopeless(`image ${imageOf(container, pod)} cannot be pulled${colon(message)}`);
  if (startReasons.includes(reason)) {
    // The kubelet waits a second for its copy of a Secret or ConfigMap, reports this, and tries again.
    if (/failed to sync (secret|configmap) cache/.test(message ?? ''))
      return waiting(`cannot be started yet${colon(message)}`);
    return hopeless(`cannot be started${colon(message)}`);
  }
  // Twice could be a dependency that was not up yet; the third time it is the program.
  if (reason === 'CrashLoopBackOff' || container.restartCount >= 2)
    return hopeless(`${killedByProbe(events) ?? `crashes: ${endOf(container, pod)}`}${restarts(container)}`);
  if (state?.terminated) return waiting(`ended: ${endOf(container, pod)}${restarts(container)}`);
  if (state?.running) return waiting(probe(events) ?? 'does not answer yet');
  return beforeStart(events);
}

function beforeStart(events: readonly CoreV1Event[]): PodProblem | undefined {
  const last = events.filter(({ type }) => type === 'Warning').at(-1);
  if (!last) return undefined;
  const reason = `cannot be started yet${colon(last.message)}`;
  // A missing folder on the node, or a file in its place, will not appear by itself.
  return /hostPath type check failed/.test(last.message ?? '') ? hopeless(reason) : waiting(reason);
}

/** Of a liveness probe, which only a program of the user's own can set; a probe that failed does not show in the exit. */
function killedByProbe(events: readonly CoreV1Event[]): string | undefined {
  const killing = events.findLast(({ reason }) => reason === 'Killing');
  if (!killing?.message?.includes('failed liveness probe')) return undefined;
  const failed = events.findLast(({ message }) => message?.startsWith('Liveness probe failed'));
  return `is killed again and again: ${failed?.message ?? killing.message}`;
}

function probe(events: readonly CoreV1Event[]): string | undefined {
  const failed = events.filter(({ reason }) => reason === 'Unhealthy').at(-1);
  return failed && `is not ready${colon(failed.message)}`;
}

function endOf(container: V1ContainerStatus, pod: V1Pod): string {
  const end = container.state?.terminated ?? container.lastState?.terminated;
  if (!end) return 'no exit code known';
  if (end.reason === 'OOMKilled') return `out of memory (limit ${memoryLimit(container, pod)})`;
  if (end.reason === 'StartError' || end.reason === 'ContainerCannotRun')
    return `cannot be executed${colon(end.message)}`;
  return exitCodes[end.exitCode] ?? `exit code ${end.exitCode}`;
}

/** https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
const exitCodes: Readonly<Record<number, string>> = {
  0: 'it ended by itself (exit code 0)',
  126: 'its command is not executable (exit code 126)',
  127: 'its command was not found (exit code 127)',
  137: 'it was killed (exit code 137)',
};

function restarts({ restartCount }: V1ContainerStatus): string {
  if (restartCount === 0) return '';
  return restartCount === 1 ? ', 1 restart' : `, ${restartCount} restarts`;
}

function imageOf(container: V1ContainerStatus, pod: V1Pod): string {
  return pod.spec?.containers.find(({ name }) => name === container.name)?.image ?? container.image;
}

function memoryLimit(container: V1ContainerStatus, pod: V1Pod): string {
  return (
    pod.spec?.containers.find(({ name }) => name === container.name)?.resources?.limits?.memory ?? 'none'
  );
}

function conditionOf(pod: V1Pod, type: string) {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function colon(message: string | undefined): string {
  const text = message?.replace(/\s+/g, ' ').trim();
  return text ? `: ${text.length > 300 ? `${text.slice(0, 299)}…` : text}` : '';
}

function waiting(reason: string): PodProblem {
  return { reason, hopeless: false };
}

function hopeless(reason: string): PodProblem {
  return { reason, hopeless: true };
}

/**
 * The last lines that a pod's container printed, from the previous run if the current one printed nothing; [] if
 * neither did.
 */
export async function lastLogLines(
  kube: Kube,
  where: { readonly namespace: string; readonly pod: string; readonly container?: string },
  lines = 20,
): Promise<string[]> {
  const { namespace, pod: name, container } = where;
  const read = async (previous: boolean) => {
    const request = { namespace, name, previous, tailLines: lines, ...(container ? { container } : {}) };
    const text = await unlessGone(kube.core.readNamespacedPodLog(request)).catch(() => undefined);
    return (text ?? '').split('\n').filter((line, at, all) => line !== '' || at < all.length - 1);
  };
  const present = await read(false);
  return present.length > 0 ? present : read(true);
}

/** Events of one pod, oldest first. */
export async function eventsOf(kube: Kube, namespace: string, pod: string): Promise<CoreV1Event[]> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${pod}`;
  const { items } = await kube.core.listNamespacedEvent({ namespace, fieldSelector });
  const time = (event: CoreV1Event) =>
    (event.lastTimestamp ?? event.metadata.creationTimestamp)?.getTime() ?? 0;
  return items.sort((one, other) => time(one) - time(other));
}
