import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { give, runAs, type User } from '../core/user.ts';

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs as this user when given; only root can. */
  readonly owner: User | undefined;
  /** Gets everything that the child prints; its folder exists. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Called for every line of both streams. */
  readonly onLine?: (line: string) => void;
}

/** Milliseconds that a process group gets between SIGTERM and SIGKILL: `go` removes its temporary folders in that time. */
const GRACE_MS = 3_000;

/**
 * Runs a program in a process group of its own, so that all of it can be ended: `go build` starts a dozen compilers.
 * Resolves with the exit code (-1 when it could not be started or was ended by a signal) and the standard output.
 * Throws the signal's reason after an abort, when the group is gone.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<{ code: number; stdout: string }> {
  options.signal.throwIfAborted();
  const log = createWriteStream(options.log, { flags: 'a' });
  log.write(`$ ${command} ${args.join(' ')}\n`);
  const child = spawn(command, [...args], {
    ...runAs(options.owner, options.env),
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stopWatching = endWithUs(child, options.signal);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => log.write(chunk));
    createInterface({ input: stream.pipe(new PassThrough()) }).on('line', (line) => options.onLine?.(line));
  }
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      log.write(`${error.message}\n`);
      resolve(-1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? -1));
  });
  stopWatching();
  log.end();
  await finished(log);
  await give(options.log, options.owner);
  options.signal.throwIfAborted();
  return { code, stdout };
}

function endWithUs(child: ChildProcess, signal: AbortSignal): () => void {
  const { pid } = child;
  if (pid === undefined) return () => {};
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(-pid, name);
    } catch {
      // The group is gone, which is what was wanted.
    }
  };
  let kill: NodeJS.Timeout | undefined;
  const abort = () => {
    send('SIGTERM');
    kill = setTimeout(() => send('SIGKILL'), GRACE_MS);
  };
  const exit = () => send('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  process.once('exit', exit);
  return () => {
    clearTimeout(kill);
    // The first process is gone; one that it started and that does not listen to SIGTERM may not be.
    if (signal.aborted) send('SIGKILL');
    signal.removeEventListener('abort', abort);
    process.off('exit', exit);
  };
}
