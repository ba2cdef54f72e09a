import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { outcomeOf } from '../core/run.ts';
import { give, type User } from '../core/user.ts';

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs as this user; only root may pass one. */
  readonly owner: User | undefined;
  /** Receives everything that the child prints; its folder exists. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Called for every line of both streams. */
  readonly onLine?: (line: string) => void;
}

/** Milliseconds that a process group gets between SIGTERM and SIGKILL: `go` removes its temporary folders in that time. */
const GRACE_MS = 3_000;

/**
 * Runs a program in its own process group, so that all of it can be ended: `go build` starts a dozen compilers.
 * Resolves with the exit code (-1 when it could not be started or was ended by a signal) and the standard output. After
 * an abort throws the signal's reason, once the group has ended.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  { cwd, env, owner, log: file, signal, onLine }: ChildOptions,
): Promise<{ code: number; stdout: string }> {
  signal.throwIfAborted();
  const log = createWriteStream(file, { flags: 'a' });
  log.write(`$ ${command} ${args.join(' ')}\n`);
  let stopWatching = () => {};
  const { code, stdout, failure } = await outcomeOf(command, args, {
    cwd,
    env,
    owner,
    ownGroup: true,
    onStart: (child) => {
      stopWatching = endWithUs(child, signal);
    },
    onOutput: (text) => log.write(text),
    onLine,
  });
  stopWatching();
  if (failure) log.write(`${failure.message}\n`);
  log.end();
  await finished(log);
  await give(file, owner);
  signal.throwIfAborted();
  return { code, stdout };
}

function endWithUs(child: ChildProcess, signal: AbortSignal): () => void {
  const { pid } = child;
  if (pid === undefined) return () => {};
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(-pid, name);
    } catch {
      // The group has ended already.
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
    // The first process has ended; a child of it that ignores SIGTERM may not have.
    if (signal.aborted) send('SIGKILL');
    signal.removeEventListener('abort', abort);
    process.off('exit', exit);
  };
}
