import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../../../core/until.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';

type Program = 'otelcol' | 'victoria-logs' | 'prometheus' | 'jaeger';

/** A server as a process, which is killed and started again on the same ports and files. */
export interface Engine {
  readonly start: () => Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Its output so far. */
  readonly log: () => string;
  readonly pid: () => number | undefined;
}

export interface EngineArgs {
  readonly program: Program;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 once it is ready. */
  readonly ready: string;
}

/** Not started yet. */
export async function engine({ program, args, folder, env, ready }: EngineArgs): Promise<Engine> {
  const { path } = (await ensurePrograms([program]))[program];
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
  };
  return {
    start: async () => {
      child = spawned(path, args, { cwd: folder, env: { PATH: process.env.PATH ?? '', ...env } }, lines);
      await answers(ready, child, () => `${program} did not start:\n${lines.join('\n')}`);
    },
    kill,
    log: () => lines.join('\n'),
    pid: () => child?.pid,
  };
}

function spawned(
  path: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
  lines: string[],
): ChildProcess {
  const child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => lines.push(line));
  }
  // A test run that is killed must not leave a server behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

async function answers(url: string, child: ChildProcess, failure: () => string): Promise<void> {
  await waitFor(async () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(failure());
    const answer = await fetch(url).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
}

/** Waits for an answer; only what would never come is given up. */
export async function waitFor<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const seconds = 240;
  const found = await until(attempt, {
    every: 50,
    within: seconds * 1000,
    late: () => new Error(`not within ${seconds} seconds: ${attempt}`),
  });
  return found as T;
}
