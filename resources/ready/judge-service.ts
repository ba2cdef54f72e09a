import type { V1Deployment } from '@kubernetes/client-node';
import { isNodeSilent, whyNotReady } from '../../cluster/kube/pods.ts';
import { defined } from '../../core/defined.ts';
import { Annotation } from '../../core/labels.ts';
import { errorLine, namedError } from './error-line.ts';
import type { PodFacts, ServiceFacts } from './facts.ts';
import { whyNotListening } from './listening.ts';
import { beganAt, conditionSince, containerOf, crashedLately, isProven, lastEnd, timeOf } from './runs.ts';
import { commandOf, watcherGaveUp } from './watchers.ts';

/**
 * `degraded`: it answers, but an older version does, or it restarted lately. `failing`: it does not answer, and will
 * hardly do so by itself. `off`: no pods are wanted, and there are none.
 */
export type JudgedState = 'ready' | 'starting' | 'degraded' | 'failing' | 'off';

export interface ServiceState {
  readonly name: string;
  readonly state: JudgedState;
  /** Waiting longer will not help. */
  readonly hopeless: boolean;
  readonly ready: number;
  readonly replicas: number;
  /** Why it is not ready, for people. */
  readonly reason?: string;
  /** The process's own last line about an error. */
  readonly error?: string;
  /** The pod that the reason is about. */
  readonly pod?: string;
  /** The pod's process has ended, so that its words are in the log of the run before. */
  readonly ended?: boolean;
  /** Existing pods of any version, including those that are ending. */
  readonly pods: number;
  /** Restarts of the present pods together. */
  readonly restarts: number;
  /** Of the process that ended last. */
  readonly exitCode?: number;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt?: number;
  /** Milliseconds since the youngest process began; absent while none runs. */
  readonly age?: number;
}

/** The reason of a process that nothing can ask and that has not yet lasted for a moment. */
export const justStarted = 'has just started';

/** The reason of a service that was never created, or was deleted by hand. */
export const noDeployment = 'has no Deployment; `wt up` creates it';

interface Problem {
  readonly state: 'starting' | 'degraded' | 'failing';
  readonly hopeless: boolean;
  readonly reason: string;
  readonly facts: PodFacts;
}

/** The one judgement about a service, from what was seen of it. `now`: milliseconds since 1970. */
export function judgeService(facts: ServiceFacts, now: number): ServiceState {
  const { expected, pods } = facts;
  const { name, replicas } = expected;
  const deployment = facts.deployment === 'absent' ? undefined : facts.deployment;
  const hash = hashOfVersion(deployment) ?? expected.configHash;
  const current = pods.filter(({ pod }) => hash === undefined || hashOf(pod.metadata?.annotations) === hash);
  const problems = current.flatMap((one) => problemOf(one, facts, now) ?? []);
  const blocking = problems.filter(({ state }) => state !== 'degraded');
  const base = {
    name,
    ready: current.length - blocking.length,
    replicas,
    pods: pods.length,
    ...runsOf(current, now),
  };
  const because = ({ reason, facts }: Problem) => ({ reason, ...detailsOf(facts) });
  const worst = blocking.find(({ hopeless }) => hopeless) ?? blocking.find(isFailing) ?? blocking[0];
  if (worst) {
    const answering = pods.filter(({ pod }) => whyNotReady(pod) === undefined && !isBlocked(pod, blocking));
    const { state, hopeless } = worst;
    if (state === 'failing' && answering.length > 0) {
      const reason =
        base.ready > 0
          ? `one of its pods ${worst.reason}; ${base.ready} of ${current.length} answer`
          : `the new version ${worst.reason}; the one before still answers`;
      return { ...base, state: 'degraded', hopeless, ...because(worst), reason };
    }
    return { ...base, state, hopeless, ...because(worst) };
  }
  const missing = whyTooFew(facts, base.ready);
  if (missing) return { ...base, ...missing };
  const doubtful = problems[0];
  if (doubtful) return { ...base, state: 'degraded', hopeless: false, ...because(doubtful) };
  return { ...base, state: replicas === 0 ? 'off' : 'ready', hopeless: false };
}

function isFailing({ state }: Problem): boolean {
  return state === 'failing';
}

function isBlocked(pod: PodFacts['pod'], problems: readonly Problem[]): boolean {
  return problems.some(({ facts }) => facts.pod === pod);
}

/** What its Deployment wants now: newer than what the last complete `up` recorded. */
function hashOfVersion(deployment: V1Deployment | undefined): string | undefined {
  return hashOf(deployment?.spec?.template?.metadata?.annotations);
}

function hashOf(annotations: { readonly [name: string]: string } | undefined): string | undefined {
  return annotations?.[Annotation.configHash];
}

type Verdict = Pick<ServiceState, 'state' | 'hopeless' | 'reason'>;

function whyTooFew({ expected, deployment, pods }: ServiceFacts, ready: number): Verdict | undefined {
  const { replicas } = expected;
  const waiting = (reason: string): Verdict => ({ state: 'starting', hopeless: false, reason });
  const failing = (reason: string): Verdict => ({ state: 'failing', hopeless: true, reason });
  if (deployment === 'absent') return failing(noDeployment);
  const wanted = deployment?.spec?.replicas;
  if (wanted !== undefined && wanted < replicas) return failing(`was scaled to ${wanted} by hand`);
  if (pods.length > ready && ready >= replicas) {
    return waiting(replicas > 0 ? 'pods of an older version still run' : 'has more pods than it should');
  }
  if (ready < replicas) {
    const refused = deployment?.status?.conditions?.find(
      ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
    )?.message;
    if (refused !== undefined) return waiting(`gets no pods: ${refused}`);
    if (pods.length > ready) return waiting('pods of an older version still run');
    return waiting(ready === 0 ? 'has no pods' : 'has too few pods');
  }
  return ready > replicas ? waiting('has more pods than it should') : undefined;
}

/** What keeps a pod from serving, or makes it doubtful; undefined when it is ready and stays so. */
function problemOf(facts: PodFacts, service: ServiceFacts, now: number): Problem | undefined {
  const { pod } = facts;
  const deployment = service.deployment === 'absent' ? undefined : service.deployment;
  const known = whyNotReady(pod, facts.events);
  if (known !== undefined && isNodeSilent(pod)) return { ...known, state: 'failing', facts };
  const running = containerOf(pod)?.state?.running !== undefined;
  if (running && (known !== undefined || !pod.spec?.containers[0]?.ports?.length)) {
    if (watcherGaveUp(facts.log ?? [], facts.inside, commandOf(pod)))
      return failing(facts, `the process has ended${whyKilled(facts)}, and its watcher waits for an edit`);
  }
  if (known === undefined) return whyDoubtful(facts, deployment, now);
  if (running)
    return whyUnanswered(facts, service, now) ?? { ...known, ...stateOf(facts, known.hopeless, now), facts };
  const crashed = lastEnd(pod) !== undefined && wasUp(pod);
  return { ...known, state: known.hopeless || crashed ? 'failing' : 'starting', facts };
}

/** The kernel ends the program below a watcher alone, so that its container never says OOMKilled. */
function whyKilled({ inside, pod, log = [] }: PodFacts): string {
  // The counter keeps what was killed before: a program that says why it ended was not killed.
  if ((inside?.outOfMemory ?? 0) === 0 || namedError(log.slice(-15)) !== undefined) return '';
  const limit = pod.spec?.containers[0]?.resources?.limits?.memory;
  return limit === undefined ? ', out of memory' : `, out of memory (limit ${limit})`;
}

function failing(facts: PodFacts, reason: string): Problem {
  return { state: 'failing', hopeless: true, reason, facts };
}

function whyDoubtful(
  facts: PodFacts,
  deployment: V1Deployment | undefined,
  now: number,
): Problem | undefined {
  const { pod } = facts;
  if (crashedLately(pod, deployment, now)) {
    const container = containerOf(pod);
    const times =
      container?.restartCount === 1 ? 'restarted once' : `restarted ${container?.restartCount} times`;
    const code = container?.lastState?.terminated?.exitCode;
    return {
      state: 'degraded',
      hopeless: false,
      reason: `${times}, the last time ${ago(pod, now)}: ${endReason(pod, code)}`,
      facts,
    };
  }
  if (isProven(pod, now)) return undefined;
  return { state: 'starting', hopeless: false, reason: justStarted, facts };
}

function ago(pod: PodFacts['pod'], now: number): string {
  return `${Math.max(0, Math.round((now - (beganAt(pod) ?? now)) / 1000))} s ago`;
}

function endReason(pod: PodFacts['pod'], code: number | undefined): string {
  const end = containerOf(pod)?.lastState?.terminated;
  return end?.reason === 'OOMKilled' ? 'out of memory' : `exit code ${code ?? 'unknown'}`;
}

/** Seconds in which a program that was restarted is no longer the one that failed. */
const RECENT_MS = 5_000;

/** A container that runs and is not ready, although it ended before. */
function stateOf({ pod }: PodFacts, hopeless: boolean, now: number): Pick<Problem, 'state' | 'hopeless'> {
  const young = now - (beganAt(pod) ?? now) < RECENT_MS;
  return { state: hopeless && young ? 'failing' : 'starting', hopeless: false };
}

/** The process lived for so long that it must have been up. */
function wasUp(pod: PodFacts['pod']): boolean {
  const end = lastEnd(pod);
  const [from, to] = [timeOf(end?.startedAt), timeOf(end?.finishedAt)];
  return from !== undefined && to !== undefined && to - from >= 2 * RECENT_MS;
}

function whyUnanswered(facts: PodFacts, { expected }: ServiceFacts, now: number): Problem | undefined {
  const { pod } = facts;
  const began = beganAt(pod) ?? now;
  const unready = conditionSince(pod, 'Ready', 'False');
  const answered = unready !== undefined && unready > began + 1_000;
  const why = whyNotListening(facts, answered, expected.timeoutSeconds);
  if (why?.certain) return failing(facts, why.reason);
  const since = now - Math.max(began, unready ?? 0);
  const late = since > expected.timeoutSeconds * 1000;
  const reason = why?.reason ?? whyNotReady(pod, facts.events)?.reason ?? 'does not answer yet';
  // A process that ended before is judged by its end first.
  if ((containerOf(pod)?.restartCount ?? 0) >= 2 && why === undefined && !late) return undefined;
  return late
    ? failing(facts, `${reason} after ${expected.timeoutSeconds} s`)
    : { state: 'starting', hopeless: false, reason, facts };
}

function runsOf(
  pods: readonly PodFacts[],
  now: number,
): Pick<ServiceState, 'restarts' | 'exitCode' | 'endedAt' | 'age'> {
  const restarts = pods.reduce((sum, { pod }) => sum + (containerOf(pod)?.restartCount ?? 0), 0);
  const ends = pods.flatMap(({ pod }) => lastEnd(pod) ?? []);
  const last = ends
    .sort((one, other) => (timeOf(one.finishedAt) ?? 0) - (timeOf(other.finishedAt) ?? 0))
    .at(-1);
  // Nobody knows what still runs on a node that does not report.
  const began = pods.flatMap(({ pod }) => (isNodeSilent(pod) ? [] : (beganAt(pod) ?? [])));
  return {
    restarts,
    ...defined({ exitCode: last?.exitCode, endedAt: timeOf(last?.finishedAt) }),
    ...(began.length > 0 && { age: Math.max(0, now - Math.max(...began)) }),
  };
}

function detailsOf({
  pod,
  log = [],
  previousLog = [],
}: PodFacts): Pick<ServiceState, 'pod' | 'error' | 'ended'> {
  const container = containerOf(pod);
  const ended = container?.state?.running === undefined && lastEnd(pod) !== undefined;
  const restarted = (container?.restartCount ?? 0) > 0;
  // A process that runs again has not yet said why it ended.
  const error =
    restarted && !ended
      ? (errorLine(previousLog) ?? errorLine(log))
      : (errorLine(log) ?? errorLine(previousLog));
  return { pod: pod.metadata?.name ?? '', ended: ended || restarted, ...defined({ error }) };
}
