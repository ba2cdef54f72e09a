import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import { Label } from '../../core/labels.ts';
import { pause } from '../../core/pause.ts';
import { apiMessage, type Kube, statusOf } from './client.ts';

/** One process of a service: one run of a pod's container. */
export interface LogRun {
  readonly service: string;
  readonly pod: string;
  /** How often the pod's container had restarted when this process began. */
  readonly restarts: number;
}

export interface LogLine extends LogRun {
  /** RFC 3339, as the API gives it; absent for the few lines that have none. */
  readonly time?: string;
  readonly text: string;
}

/** A process that ended, and whose container restarted or waits for it. */
export interface EndedRun extends LogRun {
  /** RFC 3339; absent if the API does not know it any more, as the exit code. */
  readonly ended?: string;
  readonly exitCode?: number;
  /** Only what says more than the exit code: `OOMKilled`. */
  readonly reason?: string;
}

export interface LogRequest {
  readonly namespace: string;
  /** All services when absent. */
  readonly services?: readonly string[];
  /** Earlier lines per pod; all when absent. */
  readonly tail?: number;
  /** Goes on with new lines, and with new pods, until the signal. */
  readonly follow: boolean;
  readonly signal?: AbortSignal;
  /** Receives the processes that were found, before any of their lines. */
  readonly onRuns: (runs: readonly LogRun[]) => void;
  readonly onLine: (line: LogLine) => void;
}

/** How often to look for new pods while following. */
const LOOK_MS = 500;

/**
 * Passes on what the services' pods print, each pod's lines in order. Resolves at the end of the logs or, when
 * following, after the signal. Returns the number of pods read.
 */
export async function readLogs(kube: Kube, request: LogRequest): Promise<number> {
  const seen = new Map<string, Promise<void>>();
  const readNew = async () => {
    const pods = (await podsOf(kube, request)).filter((pod) => {
      const key = containerKey(pod);
      return key !== undefined && !seen.has(key);
    });
    if (pods.length > 0) request.onRuns(pods.map(presentRun));
    for (const pod of pods) {
      const first = ![...seen.keys()].some((other) => other.startsWith(`${pod.metadata?.uid}/`));
      // A container that restarted while we followed is read from its beginning.
      seen.set(containerKey(pod) ?? '', streamLog(kube, request, pod, first ? request.tail : undefined));
    }
  };
  await readNew();
  while (request.follow && (await hasPassed(LOOK_MS, request.signal))) await readNew();
  await Promise.all(seen.values());
  return new Set([...seen.keys()].map((key) => key.split('/')[0])).size;
}

/**
 * Each process that ended before its container's last restart, with the last lines that it printed. A container that
 * waits for its next restart counts with the process that ended last.
 */
export async function readEnded(
  kube: Kube,
  request: Pick<LogRequest, 'namespace' | 'services' | 'tail'>,
): Promise<{ readonly run: EndedRun; readonly lines: readonly LogLine[] }[]> {
  const { namespace, tail } = request;
  const ended = (await podsOf(kube, request)).flatMap((pod) => endedRun(pod) ?? []);
  return Promise.all(
    ended.map(async (run) => {
      const { service, pod, restarts } = run;
      const options = {
        previous: true,
        timestamps: true,
        ...(tail === undefined ? {} : { tailLines: tail }),
      };
      const text = await kube.core
        .readNamespacedPodLog({ namespace, name: pod, ...options })
        .catch((error: unknown) => unreadable(error));
      const lines = (text ?? '').replace(/\n$/, '').split('\n');
      const printed = lines.length === 1 && lines[0] === '' ? [] : lines;
      return { run, lines: printed.map((line) => ({ service, pod, restarts, ...stamped(line) })) };
    }),
  );
}

/**
 * Undefined if the container has not ended since the pod began.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function endedRun(pod: V1Pod): EndedRun | undefined {
  const container = pod.status?.containerStatuses?.[0];
  const terminated = container?.lastState?.terminated;
  const { restarts, ...present } = presentRun(pod);
  if (!terminated && restarts === 0) return undefined;
  // While a container waits, its count is still that of the process that ended.
  const before = container?.state?.waiting ? restarts : restarts - 1;
  if (!terminated) return { ...present, restarts: before };
  const { finishedAt, exitCode, reason } = terminated;
  return {
    ...present,
    restarts: before,
    ...(finishedAt ? { ended: finishedAt.toISOString().replace('.000Z', 'Z') } : {}),
    exitCode,
    ...(reason && reason !== 'Error' && reason !== 'Completed' ? { reason } : {}),
  };
}

/**
 * Takes the time off a line's front. The container runtime's own complaints come without one.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function stamped(line: string): { readonly time?: string; readonly text: string } {
  // The kubelet's own line, when it has removed the container with its log.
  if (line.startsWith('unable to retrieve container logs for ')) return { text: '(its log is gone)' };
  const [, time, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) ?(.*)$/s.exec(line) ?? [];
  return time === undefined || text === undefined ? { text: line } : { time, text };
}

/** False when it was interrupted, which is how following ends. */
function hasPassed(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  return pause(milliseconds, signal).then(
    () => true,
    () => false,
  );
}

async function podsOf(
  kube: Kube,
  { namespace, services }: Pick<LogRequest, 'namespace' | 'services'>,
): Promise<V1Pod[]> {
  const labelSelector = services ? `${Label.service} in (${services.join(',')})` : Label.service;
  return (await kube.core.listNamespacedPod({ namespace, labelSelector })).items;
}

function presentRun(pod: V1Pod): LogRun {
  return {
    service: pod.metadata?.labels?.[Label.service] ?? '',
    pod: pod.metadata?.name ?? '',
    restarts: pod.status?.containerStatuses?.[0]?.restartCount ?? 0,
  };
}

/** One run of a pod's container; undefined before it has started. */
function containerKey(pod: V1Pod): string | undefined {
  const container = pod.status?.containerStatuses?.[0];
  const began = container?.state?.running ?? container?.state?.terminated ?? container?.lastState?.terminated;
  return began ? `${pod.metadata?.uid}/${container?.restartCount}` : undefined;
}

async function streamLog(
  kube: Kube,
  request: LogRequest,
  pod: V1Pod,
  tail: number | undefined,
): Promise<void> {
  const { namespace, follow, signal, onLine } = request;
  const run = presentRun(pod);
  const container = pod.spec?.containers[0]?.name ?? '';
  const stream = new PassThrough();
  try {
    const options = { follow, timestamps: true, ...past(tail) };
    const controller = await kube.log.log(namespace, run.pod, container, stream, options);
    const stop = () => {
      controller.abort();
      stream.end();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    // An aborted fetch is an error of the stream: it is how following ends.
    stream.on('error', () => {});
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      onLine({ ...run, ...stamped(line) });
    }
    signal?.removeEventListener('abort', stop);
  } catch (error) {
    // The pod was deleted between the list and this call, or its container has not started.
    if (statusOf(error) === 404 || statusOf(error) === 400 || signal?.aborted) return;
    onLine({ ...run, text: unreadable(error) });
  }
}

function unreadable(error: unknown): string {
  return `(log cannot be read: ${apiMessage(error)})`;
}

function past(tail: number | undefined) {
  if (tail === undefined) return {};
  // The client takes 0 for "not given" and would fetch everything.
  return tail === 0 ? { sinceSeconds: 1 } : { tailLines: tail };
}
