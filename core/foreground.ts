import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { CoppiceError, hasCode } from './errors.ts';
import { start } from './run.ts';

export interface Foreground {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
const notExecutable = 126;
const notFound = 127;

/**
 * Gives a program our terminal, and every signal that the terminal does not give it by itself, until it ends. Returns
 * its exit code, 128 and the signal's number where a signal ended it. Throws COPPICE_NO_PROGRAM (exit code 127, or 126
 * for one that cannot be executed).
 */
export async function runInForeground(
  program: string,
  args: readonly string[],
  { cwd, env }: Foreground,
): Promise<number> {
  // Before it starts: a signal that arrives in between must not end us alone.
  const relay = new SignalRelay();
  try {
    const child = start(program, args, { cwd, env, stdio: 'inherit' });
    relay.to((signal) => child.kill(signal));
    return await new Promise<number>((done, fail) => {
      child.once('error', (error) => fail(startError(program, cwd, error)));
      child.once('exit', (code, signal) => done(code ?? exitCodeOfSignal(signal)));
    });
  } finally {
    relay.stop();
  }
}

export function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

const relayed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/** Passes on the signals that this process gets, until it is stopped: `all`, or those that a child does not get too. */
export class SignalRelay {
  readonly #handlers: readonly (readonly [NodeJS.Signals, () => void])[];
  readonly #early: NodeJS.Signals[] = [];
  #receive: ((signal: NodeJS.Signals) => void) | undefined;

  constructor(which: 'all' | 'unless-from-terminal' = 'unless-from-terminal') {
    const receive = (signal: NodeJS.Signals) => {
      if (which === 'unless-from-terminal' && reachesAll(signal)) return;
      if (this.#receive) this.#receive(signal);
      else this.#early.push(signal);
    };
    this.#handlers = relayed.map((signal) => [signal, () => receive(signal)] as const);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  to(receive: (signal: NodeJS.Signals) => void): void {
    this.#receive = receive;
    for (const signal of this.#early.splice(0)) receive(signal);
  }

  stop(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }
}

/** A terminal gives what its keys send to every process in front; a second one would be a second press. */
function reachesAll(signal: NodeJS.Signals): boolean {
  const keys: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
  return keys.includes(signal) && [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}

function startError(program: string, cwd: string, cause: Error): Error {
  if (!hasCode(cause, 'ENOENT', 'EACCES', 'ENOTDIR')) return cause;
  if (!existsSync(cwd))
    return new CoppiceError('COPPICE_NO_FOLDER', `there is no folder ${cwd} any more`, { cause });
  const file = program.includes('/') ? resolve(cwd, program) : undefined;
  if (file !== undefined && existsSync(file)) return notExecutableError(file, cause);
  if (hasCode(cause, 'EACCES')) return noProgram(`${program} may not be executed`, notExecutable, cause);
  const where = file === undefined ? 'on PATH' : `at ${file}`;
  const words = /\s/.test(program);
  return noProgram(
    `there is no program ${words ? `"${program}"` : program} ${where}`,
    notFound,
    cause,
    words
      ? `words are passed on as they are; for one text write: wt run -- sh -c '${program.replaceAll("'", "'\\''")}'`
      : undefined,
  );
}

function notExecutableError(file: string, cause: Error): CoppiceError {
  if (statSync(file).isDirectory()) return noProgram(`${file} is a folder`, notExecutable, cause);
  // Also what the kernel says of a script whose interpreter is missing.
  if (hasCode(cause, 'ENOENT'))
    return noProgram(`the program in the first line of ${file} does not exist`, notFound, cause);
  return noProgram(`${file} is not executable`, notExecutable, cause, `chmod +x '${file}'`);
}

function noProgram(message: string, exitCode: number, cause: Error, hint?: string): CoppiceError {
  return new CoppiceError('COPPICE_NO_PROGRAM', message, { exitCode, cause, ...(hint && { hint }) });
}
