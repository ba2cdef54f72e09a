import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import { Label } from '../../core/labels.ts';
import { pause } from '../../core/pause.ts';
import { apiMessage, type Kube, statusOf } from './client.ts';

export interface LogLine {
  readonly service: string;
  readonly pod: string;
  readonly text: string;
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
    for (const pod of await podsOf(kube, request)) {
      const key = containerKey(pod);
      if (key === undefined || seen.has(key)) continue;
      const first = ![...seen.keys()].some((other) => other.startsWith(`${pod.metadata?.uid}/`));
      // A container that restarted while we followed is read from its beginning.
      seen.set(key, streamLog(kube, request, pod, first ? request.tail : undefined));
    }
  };
  await readNew();
  while (request.follow && (await hasPassed(LOOK_MS, request.signal))) await readNew();
  await Promise.all(seen.values());
  return new Set([...seen.keys()].map((key) => key.split('/')[0])).size;
}

/** False when it was interrupted, which is how following ends. */
function hasPassed(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  return pause(milliseconds, signal).then(
    () => true,
    () => false,
  );
}

async function podsOf(kube: Kube, { namespace, services }: LogRequest): Promise<V1Pod[]> {
  const labelSelector = services ? `${Label.service} in (${services.join(',')})` : Label.service;
  return (await kube.core.listNamespacedPod({ namespace, labelSelector })).items;
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
  const name = pod.metadata?.name ?? '';
  const service = pod.metadata?.labels?.[Label.service] ?? '';
  const container = pod.spec?.containers[0]?.name ?? '';
  const stream = new PassThrough();
  try {
    const options = { follow, ...past(tail) };
    const controller = await kube.log.log(namespace, name, container, stream, options);
    const stop = () => {
      controller.abort();
      stream.end();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    // An aborted fetch is an error of the stream: it is how following ends.
    stream.on('error', () => {});
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      onLine({ service, pod: name, text });
    }
    signal?.removeEventListener('abort', stop);
  } catch (error) {
    // The pod was deleted between the list and this call, or its container has not started.
    if (statusOf(error) === 404 || statusOf(error) === 400 || signal?.aborted) return;
    onLine({ service, pod: name, text: `(log cannot be read: ${apiMessage(error)})` });
  }
}

function past(tail: number | undefined) {
  if (tail === undefined) return {};
  // The client takes 0 for "not given" and would fetch everything.
  return tail === 0 ? { sinceSeconds: 1 } : { tailLines: tail };
}
