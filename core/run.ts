import { type ChildProcess, type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CoppiceError } from './errors.ts';
import { interruptedError } from './pause.ts';
import { runAs, type User } from './user.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; that of this process when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its standard input; empty when absent. */
  readonly input?: string;
  /** Milliseconds after which it is killed; never when absent. */
  readonly timeout?: number | undefined;
  /** When aborted, the program is killed and COPPICE_INTERRUPTED is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Runs as this user; only root can. */
  readonly owner?: User | undefined;
  /** In a process group of its own, which Ctrl+C in a terminal does not reach. */
  readonly ownGroup?: boolean;
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with all output of either stream. */
  readonly onOutput?: (text: string) => void;
  /** Called for every line of either stream. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Outcome {
  /** Exit code; -1 when it was killed by a signal or its timeout, or could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started; `ENOENT` when the program does not exist. */
  readonly failure?: Error;
}

/** Runs a program to completion. Any exit code is a result; throws only COPPICE_INTERRUPTED. */
export async function outcomeOf(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { signal, timeout } = options;
  if (signal?.aborted) throw interruptedError(signal);
  let child: ChildProcessByStdio<Writable, Readable, Readable>;
  try {
    child = startPiped(program, args, options);
  } catch (failure) {
    return { code: -1, stdout: '', stderr: '', failure: failure as Error };
  }
  const [stdout, stderr] = [collect(child.stdout, options), collect(child.stderr, options)];
  const end = () => {
    child.kill();
    // Programs that it started may outlive it and hold the pipes.
    child.once('exit', () => [child.stdout, child.stderr].map((stream) => stream.destroy()));
  };
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout);
  signal?.addEventListener('abort', end, { once: true });
  const ending = new Promise<Pick<Outcome, 'code' | 'failure'>>((resolve) => {
    child.once('error', (failure) => resolve({ code: -1, failure }));
    child.once('close', (code) => resolve({ code: code ?? -1 }));
  });
  options.onStart?.(child);
  const ended = await ending;
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  if (signal?.aborted) throw interruptedError(signal);
  return { ...ended, stdout: stdout(), stderr: stderr() };
}

/**
 * The standard output of a program. Throws COPPICE_COMMAND_FAILED with the command and its last lines, unless it may
 * fail: then the result is ''. Throws COPPICE_INTERRUPTED.
 */
export async function run(
  program: string,
  args: readonly string[],
  { mayFail = false, ...options }: RunOptions & { readonly mayFail?: boolean } = {},
): Promise<string> {
  const { code, stdout, stderr, failure } = await outcomeOf(program, args, options);
  if (code === 0) return stdout;
  if (mayFail) return '';
  const words = stderr.trim() || stdout.trim() || (failure?.message ?? `ended with ${code}`);
  const last = words.split('\n').slice(-5).join('\n');
  throw new CoppiceError('COPPICE_COMMAND_FAILED', `${program} ${args.slice(0, 6).join(' ')}: ${last}`, {
    cause: failure,
  });
}

/**
 * `detached`: in a process group of its own, which Ctrl+C in a terminal does not reach. `signal`: once aborted, it is
 * ended and emits an `error`. `env`: the whole environment; that of this process when absent.
 */
export type StartOptions = Pick<SpawnOptions, 'cwd' | 'env' | 'detached' | 'signal' | 'uid' | 'gid'>;

/** It shares our terminal, or reads nothing or an open file and prints into another. */
type Unpiped = 'inherit' | readonly ['ignore' | number, number, number];
type Piped = ChildProcessByStdio<Writable, Readable, Readable>;
/** It draws on the terminal by itself. */
type Filter = ChildProcessByStdio<Writable, Readable, null>;
type OutputPiped = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a program and returns at once. Where it cannot be started, the child emits an `error` and has no `pid`. */
export function start(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly stdio: Unpiped },
): ChildProcess;
export function start(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly stdio: 'pipe' },
): Piped;
export function start(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly stdio: readonly ['ignore', 'pipe', 'pipe'] },
): OutputPiped;
export function start(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly stdio: readonly ['pipe', 'pipe', 'inherit'] },
): Filter;
export function start(
  program: string,
  args: readonly string[],
  options: StartOptions & {
    readonly stdio: Unpiped | 'pipe' | readonly ['ignore' | 'pipe', 'pipe', 'pipe' | 'inherit'];
  },
): ChildProcess {
  const { stdio } = options;
  return spawn(program, args, { ...options, stdio: typeof stdio === 'string' ? stdio : [...stdio] });
}

function startPiped(program: string, args: readonly string[], options: RunOptions) {
  const { cwd, env = process.env, input = '', owner, ownGroup = false } = options;
  const child = start(program, args, { ...runAs(owner, env), cwd, detached: ownGroup, stdio: 'pipe' });
  // It may exit before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return child;
}

/** Passes on the output of a stream; the returned function returns all of it. */
function collect(stream: Readable, { onOutput, onLine }: RunOptions): () => string {
  let whole = '';
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    whole += text;
    onOutput?.(text);
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  stream.on('end', () => rest !== '' && onLine?.(rest));
  return () => whole;
}
