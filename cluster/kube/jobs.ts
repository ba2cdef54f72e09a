import type {
  V1Container,
  V1ContainerStateTerminated,
  V1Job,
  V1Pod,
  V1Volume,
} from '@kubernetes/client-node';
import { hintForImage, missingProgram } from '../../config/packages/missing-program.ts';
import {
  containerSecurity,
  literal,
  type PodMount,
  type PodUser,
  type PodVariable,
  podBase,
} from '../../config/plan/worktree-pod.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, type ErrorCode } from '../../core/errors.ts';
import { fieldManager } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import { apiHint } from './api-hint.ts';
import { apiMessage, type Kube, statusOf } from './client.ts';
import { eventsOf, lastLogLines, whyNotReady } from './pods.ts';

/** One command that runs once. */
export interface JobRequest {
  readonly namespace: string;
  /** Of the Job and of its Secret; unique. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** For errors: `migrate of shop`. */
  readonly what: string;
  /** Code of the error when it fails. */
  readonly code: ErrorCode;
  /** What to do then, beside reading its last lines. */
  readonly hint?: string;
  readonly image: string;
  readonly command: readonly string[];
  /** What must succeed before it starts, in the same image with the same mounts. */
  readonly before?: JobPreparation;
  readonly workingDir?: string;
  /** May refer to the keys of `secret`, in the Secret called `name`. */
  readonly variables: readonly PodVariable[];
  readonly secret: Readonly<Record<string, string>>;
  readonly volumes: readonly V1Volume[];
  readonly mounts: readonly PodMount[];
  readonly user: PodUser;
  /** From its start to its end; then it is stopped. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface JobPreparation {
  /** For errors: `npm ci of install:`. */
  readonly what: string;
  readonly command: readonly string[];
  readonly variables: readonly PodVariable[];
  readonly timeoutSeconds: number;
}

const LOOK_MS = 50;
/** After how long the reason of a pod that has not started is worth another request. */
const CLOSER_MS = 2_000;
/** Includes pulling an image. */
const START_SECONDS = 180;
/** How long the API server may be silent while a command runs; its silence is not part of the command. */
const SILENCE_MS = 15_000;
/** Enough for a migration library's error, stack included. */
const LOG_LINES = 40;
/** For a Job whose caller is gone: long enough for a person to look at it. */
const KEPT_SECONDS = 600;
/** A bigger share than a service has: the whole `up` waits for it. */
const resources = { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '2', memory: '2Gi' } };

/**
 * Runs a command in the cluster to its end and leaves nothing behind, also on failure or abort. Throws an error of
 * `code` with its last output, COPPICE_INTERRUPTED.
 */
export async function runJob(kube: Kube, request: JobRequest): Promise<void> {
  const { namespace, name, signal } = request;
  signal.throwIfAborted();
  try {
    await kube.core.createNamespacedSecret({ namespace, body: secretOf(request), fieldManager });
    const job = await kube.batch.createNamespacedJob({ namespace, body: jobOf(request), fieldManager });
    await Promise.all([ownSecret(kube, request, job), untilEnded(kube, request)]);
  } catch (error) {
    if (signal.aborted) {
      await untilPodGone(kube, namespace, name);
      throw new CoppiceError('COPPICE_INTERRUPTED', `${request.what} was interrupted`, { cause: error });
    }
    if (error instanceof CoppiceError) throw error;
    // Not as the cause: the client's error repeats the request, including the Secret.
    throw new CoppiceError(request.code, `${request.what} could not be run: ${apiMessage(error)}`, {
      hint: apiHint(error),
    });
  } finally {
    await Promise.all([
      ignoreFailure(kube.batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' })),
      ignoreFailure(kube.core.deleteNamespacedSecret({ namespace, name })),
    ]);
  }
}

function secretOf({ name, labels, secret }: JobRequest) {
  return { metadata: { name, labels: { ...labels } }, stringData: { ...secret } };
}

function jobOf(request: JobRequest): V1Job {
  const { name, labels, volumes, user, before } = request;
  return {
    metadata: { name, labels: { ...labels } },
    spec: {
      // A migration that failed half-way must not be retried automatically.
      backoffLimit: 0,
      // Only for a Job whose caller is gone: its pod would be deleted at once, and its log too.
      activeDeadlineSeconds: startSeconds(request) + request.timeoutSeconds + 60,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          ...podBase(user),
          restartPolicy: 'Never',
          ...(before && { initContainers: [containerOf('before', request, before)] }),
          containers: [containerOf('command', request, request)],
          volumes: [...volumes],
        },
      },
    },
  };
}

function containerOf(
  name: 'before' | 'command',
  { image, workingDir, mounts }: JobRequest,
  { command, variables }: Pick<JobRequest, 'command' | 'variables'>,
): V1Container {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: command.map(literal),
    ...defined({ workingDir }),
    env: [...variables],
    resources,
    securityContext: containerSecurity,
    volumeMounts: [...mounts],
  };
}

/** Until the command itself runs. */
function startSeconds({ before }: JobRequest): number {
  return START_SECONDS + (before?.timeoutSeconds ?? 0);
}

/** Makes the Job own the Secret, which is then deleted even if the caller is gone. */
async function ownSecret(kube: Kube, { namespace, name }: JobRequest, job: V1Job): Promise<void> {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid: job.metadata?.uid ?? '' };
  const body = { metadata: { ownerReferences: [owner] } };
  await ignoreFailure(
    kube.core.patchNamespacedSecret({ namespace, name, body, fieldManager }, kube.mergePatch),
  );
}

async function untilEnded(kube: Kube, request: JobRequest): Promise<void> {
  const { namespace, name, timeoutSeconds, signal } = request;
  // Milliseconds since the wait began, as `now` is.
  let running: number | undefined;
  let heard = 0;
  const hasSucceeded = async (now: number) => {
    const pod = await podOf(kube, namespace, name).catch((error: unknown) => {
      if (statusOf(error) !== undefined || now - heard > SILENCE_MS) throw error;
      return 'silent' as const;
    });
    if (pod !== 'silent') {
      heard = now;
      if (pod?.status?.phase === 'Succeeded') return true;
      if (pod?.status?.phase === 'Failed') throw await failedError(kube, request, pod, endOf(pod));
      if (pod?.status?.phase === 'Running') running ??= now;
      else await refuseHopeless(kube, request, pod, now);
    }
    if (running !== undefined && now - running > timeoutSeconds * 1000) {
      const error = await failedError(kube, request, pod, `was stopped after ${timeoutSeconds} s`);
      await untilPodGone(kube, namespace, name);
      throw error;
    }
    if (running === undefined && now > startSeconds(request) * 1000)
      throw await failedError(kube, request, pod, `did not start within ${startSeconds(request)} s`);
    return false;
  };
  await until(hasSucceeded, {
    every: ({ elapsed }) => (elapsed > CLOSER_MS ? 2 * LOOK_MS : LOOK_MS),
    signal,
  });
}

async function podOf(kube: Kube, namespace: string, name: string): Promise<V1Pod | undefined> {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`;
  return (await kube.core.listNamespacedPod({ namespace, labelSelector })).items[0];
}

/** Throws for a pod that cannot start, or a Job that gets none. */
async function refuseHopeless(
  kube: Kube,
  request: JobRequest,
  pod: V1Pod | undefined,
  elapsed: number,
): Promise<void> {
  if (elapsed < CLOSER_MS) return;
  const { namespace, name } = request;
  if (pod) {
    const problem = whyNotReady(pod, await eventsOf(kube, namespace, pod.metadata?.name ?? ''));
    if (problem?.hopeless) throw await failedError(kube, request, pod, problem.reason);
    return;
  }
  const { status } = await kube.batch.readNamespacedJob({ namespace, name });
  const end = status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (end) throw await failedError(kube, request, undefined, `was ended: ${end.message ?? end.reason}`);
}

function endOf(pod: V1Pod): string {
  const end =
    preparationEnd(pod) ??
    pod.status?.containerStatuses?.find(({ state }) => state?.terminated)?.state?.terminated;
  if (end === undefined) return `was ended by the node: ${pod.status?.reason ?? 'no reason known'}`;
  if (end.reason === 'OOMKilled') return `ran out of memory (limit ${resources.limits.memory})`;
  if (end.reason === 'StartError' || end.reason === 'ContainerCannotRun')
    return `cannot be executed: ${end.message}`;
  return `ended with exit code ${end.exitCode}`;
}

/** How the preparation failed; undefined when it did not. */
function preparationEnd(pod: V1Pod | undefined): V1ContainerStateTerminated | undefined {
  const end = pod?.status?.initContainerStatuses?.[0]?.state?.terminated;
  return end?.exitCode === 0 ? undefined : end;
}

async function failedError(
  kube: Kube,
  { namespace, what, before, code, hint }: JobRequest,
  pod: V1Pod | 'silent' | undefined,
  how: string,
): Promise<CoppiceError> {
  const seen = pod === 'silent' ? undefined : pod;
  const name = seen?.metadata?.name;
  const earlier =
    before && !seen?.status?.containerStatuses?.some(({ state }) => state?.running ?? state?.terminated);
  const container = earlier ? 'before' : 'command';
  const lines =
    name === undefined ? [] : await lastLogLines(kube, { namespace, pod: name, container }, LOG_LINES);
  const log = lines.length === 0 ? ['  (it printed nothing)'] : lines.map((line) => `  | ${line}`);
  const program = missingProgram(lines);
  return new CoppiceError(
    code,
    [`${earlier ? `${before.what} before ${what}` : what} ${how}`, ...log].join('\n'),
    defined({ hint: program === undefined ? hint : hintForImage(program) }),
  );
}

/** A stopped command may still be at work in the database until its pod is gone. */
async function untilPodGone(kube: Kube, namespace: string, name: string): Promise<void> {
  await ignoreFailure(kube.batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' }));
  const isGone = async () => !(await podOf(kube, namespace, name).catch(() => undefined));
  await until(isGone, { every: LOOK_MS, within: 15_000 });
}

/** For deleting and owning: what is gone already is no error, and a failure here hides nothing that matters. */
async function ignoreFailure(call: Promise<unknown>): Promise<void> {
  await call.catch(() => undefined);
}
