import type { Readable, Writable } from 'node:stream';
import type { V1Status } from '@kubernetes/client-node';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import type { Kube } from './client.ts';

/** The terminal of this process, or what stands in its place. */
type TerminalStreams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin?: Readable;
  readonly stdout: Writable;
  /** With a terminal all output goes to `stdout`. */
  readonly stderr?: Writable;
  /** A terminal in the pod, of `stdout`'s size. The caller puts its own into raw mode. */
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs a command in a running pod to its end and returns its exit code. Throws COPPICE_EXEC, COPPICE_INTERRUPTED. */
export async function execInPod(kube: Kube, request: ExecRequest): Promise<number> {
  const { namespace, pod, container, command, stdin, stdout, stderr, tty = false, signal } = request;
  signal?.throwIfAborted();
  let status: V1Status | undefined;
  const socket = await kube.sockets
    .exec()
    .exec(namespace, pod, container, [...command], stdout, stderr ?? null, stdin ?? null, tty, (said) => {
      status = said;
    })
    .catch((cause) => {
      throw execError(pod, messageOf(cause), cause);
    });
  const stop = () => socket.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  await Promise.all([stdout, stderr].map(flushed));
  if (signal?.aborted) throw new CoppiceError('COPPICE_INTERRUPTED', 'interrupted', { cause: signal.reason });
  if (status === undefined) throw execError(pod, 'the connection was lost');
  return exitCodeOf(status, pod);
}

/** Everything was passed on: this process may end right after, and a reader may be slow. */
function flushed(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.writableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => stream.write('', () => resolve()));
}

function exitCodeOf({ status, details, message }: V1Status, pod: string): number {
  if (status === 'Success') return 0;
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code === undefined) throw execError(pod, message ?? 'it could not be started');
  return Number(code);
}

function execError(pod: string, reason: string, cause?: unknown): CoppiceError {
  return new CoppiceError('COPPICE_EXEC', `could not run a command in the pod ${pod}: ${reason}`, {
    hint: 'run `wt doctor`, which finds what does not run',
    cause,
  });
}

type ExecStreams = Pick<ExecRequest, 'stdin' | 'stdout' | 'stderr' | 'tty'>;

/** Every key goes to the terminal in the pod, including Ctrl+C. Without a terminal here there is none there. */
export async function withTerminal<T>(
  { stdin, stdout, stderr }: TerminalStreams,
  work: (streams: ExecStreams) => Promise<T>,
): Promise<T> {
  if (!stdin.isTTY || !stdout.isTTY) return work({ stdin, stdout, stderr });
  stdin.setRawMode(true);
  try {
    return await work({ stdin, stdout, tty: true });
  } finally {
    stdin.setRawMode(false);
  }
}
