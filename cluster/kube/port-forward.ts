import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Transform, Writable } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import { CoppiceError, ExitCode, messageOf } from '../../core/errors.ts';
import { retry, until } from '../../core/until.ts';
import { apiMessage, type Kube } from './client.ts';

export interface ForwardRequest {
  readonly namespace: string;
  /** Name of a Service; one of its ready pods is reached. */
  readonly service: string;
  /** Port of the pod. */
  readonly port: number;
  /** How long to wait for a first ready pod, in milliseconds; 10 s when absent. */
  readonly patienceMs?: number;
  /** Port on this machine: exactly this one, or this one if it is free. Any free one when absent. */
  readonly here?: { readonly port: number; readonly exactly: boolean };
  /** What to do when no pod is ready; `wt platform up` when absent. */
  readonly hint?: string;
  /** Told why a connection was closed that could not be passed on. */
  readonly onRefused?: (reason: string) => void;
}

export interface Forwarded {
  /** On 127.0.0.1 of this machine. */
  readonly port: number;
  close(): Promise<void>;
}

const LOOK_MS = 100;
const ATTEMPTS = 5;
/** How long a server may be silent before its answer counts as complete; see {@link untilAnswered}. */
const SILENT_MS = 2_000;

/**
 * Makes a Service of the cluster answer on 127.0.0.1, through the API server: works wherever `kubectl` does. Every
 * connection looks its pod up again, so a replaced pod costs one connection. Throws COPPICE_PORT_FORWARD.
 */
export async function forwardPort(kube: Kube, request: ForwardRequest): Promise<Forwarded> {
  await readyPod(kube, request);
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    connectThrough(kube, request, socket).catch((error: unknown) => {
      if (!socket.destroyed) request.onRefused?.(messageOf(error));
      socket.destroy(error as Error);
    });
  });
  const port = await listenHere(server, request.here);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function connectThrough(kube: Kube, request: ForwardRequest, socket: Socket): Promise<void> {
  const refused = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // The pod reported why nothing listens there.
      if (chunk.length > 0) {
        request.onRefused?.(String(chunk).trim());
        socket.destroy();
      }
      done();
    },
  });
  const attempt = async () => {
    const pod = await readyPod(kube, request);
    const name = pod.metadata?.name ?? '';
    const { namespace, port } = request;
    const input = untilAnswered(socket);
    const tunnel = await kube.sockets
      .portForward()
      .portForward(namespace, name, [port], socket, refused, input);
    if (typeof tunnel === 'function') throw new Error('the tunnel restarts by itself');
    tunnel.on('close', () => socket.end());
    tunnel.on('error', () => socket.destroy());
    socket.on('close', () => tunnel.close());
    socket.pipe(input);
  };
  await retry(attempt, {
    every: ({ attempts }) => LOOK_MS * attempts,
    attempts: ATTEMPTS,
    // Without a ready pod there is nothing to retry: the wait for one has failed already.
    again: (error) => !(error instanceof CoppiceError) && !socket.destroyed,
  });
}

/**
 * What a client sends. The tunnel knows no half-closed connection: its end closes it in both directions, and the answer
 * to `printf 'PING\r\n' | nc -N 127.0.0.1 6379` would be lost. So the end is passed on once the server is silent.
 */
function untilAnswered(socket: Socket): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => {
      let received = -1;
      const timer = setInterval(() => {
        if (socket.destroyed || socket.bytesWritten === received) {
          clearInterval(timer);
          done();
        }
        received = socket.bytesWritten;
      }, SILENT_MS).unref();
    },
  });
}

async function readyPod(kube: Kube, request: ForwardRequest): Promise<V1Pod> {
  const { namespace, service, patienceMs = 10_000 } = request;
  try {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: service });
    const labelSelector = Object.entries(spec?.selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const findPod = async () =>
      (await kube.core.listNamespacedPod({ namespace, labelSelector })).items.find(isReady);
    return await until(findPod, {
      every: LOOK_MS,
      within: patienceMs,
      late: () => unreachableError(request, 'none of its pods is ready'),
    });
  } catch (error) {
    throw error instanceof CoppiceError ? error : unreachableError(request, apiMessage(error), error);
  }
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true && metadata?.deletionTimestamp === undefined;
}

async function listenHere(server: Server, here: ForwardRequest['here']): Promise<number> {
  try {
    return await listen(server, here?.port ?? 0);
  } catch (error) {
    if (here !== undefined && !here.exactly) return listenHere(server, undefined);
    throw new CoppiceError('COPPICE_PORT_FORWARD', `could not listen on 127.0.0.1: ${messageOf(error)}`, {
      ...(here && { hint: 'choose another port, or none to get a free one' }),
      exitCode: ExitCode.problem,
      cause: error,
    });
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function unreachableError(
  { namespace, service, hint = 'run `wt platform up`' }: ForwardRequest,
  reason: string,
  cause?: unknown,
): CoppiceError {
  return new CoppiceError(
    'COPPICE_PORT_FORWARD',
    `the service ${service} in ${namespace} cannot be reached: ${reason}`,
    { hint, cause },
  );
}
