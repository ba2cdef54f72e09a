import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Deployment,
  V1Pod,
} from '@kubernetes/client-node';

/** Milliseconds since 1970, from a date of the whole client or the text of the light one. */
export function timeOf(time: Date | string | undefined): number | undefined {
  return time === undefined || time === null ? undefined : new Date(time).getTime();
}

/** The one container of a service's pod. */
export function containerOf({ status }: V1Pod): V1ContainerStatus | undefined {
  return status?.containerStatuses?.[0];
}

/** How the process ended last; undefined when it never did. */
export function lastEnd(pod: V1Pod): V1ContainerStateTerminated | undefined {
  const container = containerOf(pod);
  return container?.state?.terminated ?? container?.lastState?.terminated;
}

/** When the process that runs now began. */
export function beganAt(pod: V1Pod): number | undefined {
  return timeOf(containerOf(pod)?.state?.running?.startedAt);
}

export function conditionSince({ status }: V1Pod, type: string, value: 'True' | 'False'): number | undefined {
  const found = status?.conditions?.find(
    (condition) => condition.type === type && condition.status === value,
  );
  return timeOf(found?.lastTransitionTime);
}

/** Whether the run that ended last was ready: what it needs to start had been there. Kubernetes keeps no more than that. */
export function answeredBefore(pod: V1Pod): boolean {
  const [began, unready] = [timeOf(lastEnd(pod)?.startedAt), conditionSince(pod, 'Ready', 'False')];
  return hasPort(pod) && began !== undefined && unready !== undefined && unready > began;
}

/** A run that ends sooner than this may have been an attempt to start, such as before a database answers. */
const ATTEMPT_MS = 10_000;
/** For how long a restart is worth telling: three times as long as the process lived before, within these bounds. */
const TOLD_MS = { least: 60_000, most: 300_000 };

/**
 * Whether the process ended although it had been up, so recently that it may well do so again. Ends from before the
 * Deployment was complete for the first time, or while the pod was starting, are not counted: a service may end until
 * what it needs answers.
 */
export function crashedLately(pod: V1Pod, deployment: V1Deployment | undefined, now: number): boolean {
  const ended = containerOf(pod)?.lastState?.terminated;
  const [from, to, began] = [timeOf(ended?.startedAt), timeOf(ended?.finishedAt), beganAt(pod)];
  if (from === undefined || to === undefined || began === undefined) return false;
  if (isNodesDoing(pod, to) || isAttempt(pod, deployment, from, to)) return false;
  const told = Math.min(TOLD_MS.most, Math.max(TOLD_MS.least, 3 * (to - from)));
  return now - began < told;
}

/** When a node comes back, its pods get a new sandbox, and all of their processes have ended. */
function isNodesDoing(pod: V1Pod, endedAt: number): boolean {
  const sandboxSince = conditionSince(pod, 'PodReadyToStartContainers', 'True');
  return sandboxSince !== undefined && sandboxSince >= endedAt;
}

function isAttempt(pod: V1Pod, deployment: V1Deployment | undefined, from: number, to: number): boolean {
  const created = timeOf(pod.metadata?.creationTimestamp);
  const complete = completeSince(deployment);
  if (hasPort(pod) && complete !== undefined && created !== undefined && created <= complete)
    return to <= complete;
  const podStart = timeOf(pod.status?.startTime) ?? from;
  return to - from < ATTEMPT_MS && to - podStart < 2 * TOLD_MS.least;
}

function completeSince(deployment: V1Deployment | undefined): number | undefined {
  const complete = deployment?.status?.conditions?.find(({ reason }) => reason === 'NewReplicaSetAvailable');
  return timeOf(complete?.lastUpdateTime);
}

export function hasPort(pod: V1Pod): boolean {
  return portOf(pod) !== undefined;
}

/** The port that coppice.yaml names. */
export function portOf({ spec }: V1Pod): number | undefined {
  return spec?.containers[0]?.ports?.[0]?.containerPort;
}
/** Milliseconds that a process without a port, and so without a question that it could answer, has to last. */
const PROVEN_MS = 2_000;

/** Whether a process that nothing can ask has run long enough to be believed. */
export function isProven(pod: V1Pod, now: number): boolean {
  const began = beganAt(pod);
  // A clock that differs by more than the answer's age proves nothing.
  if (hasPort(pod) || began === undefined || now < began) return true;
  const ended = containerOf(pod)?.lastState?.terminated;
  const lived = (timeOf(ended?.finishedAt) ?? 0) - (timeOf(ended?.startedAt) ?? 0);
  const failed = ended !== undefined && lived < ATTEMPT_MS;
  return now - began >= (failed ? Math.max(2.5 * PROVEN_MS, 2 * lived) : PROVEN_MS);
}
