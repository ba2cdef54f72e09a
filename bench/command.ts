import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../core/package-root.ts';

const execute = promisify(execFile);

/** One run of a program. */
export interface CommandRun {
  readonly stdout: string;
  /** Wall time. */
  readonly milliseconds: number;
  /** User and system time of the process and of all processes that it waited for. */
  readonly cpuSeconds: number;
}

/** Prints user and system seconds as the last line on standard error. */
const timed = ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash'];

/** Runs a program, and throws if it does not exit with 0. */
export async function runCommand(
  command: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<CommandRun> {
  const began = performance.now();
  const { stdout, stderr } = await execute('bash', [...timed, ...command], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  const milliseconds = performance.now() - began;
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { stdout, milliseconds, cpuSeconds: user + system };
}

export const ourWt: readonly string[] = [process.execPath, join(packageRoot(), 'bin', 'wt')];

/** The program of worktrunk 0.67.0, which the verbs for worktrees are compared with. */
export function worktrunk(): string {
  const program = process.env.COPPICE_BENCH_WORKTRUNK;
  if (!program) {
    throw new Error(
      'set COPPICE_BENCH_WORKTRUNK to the `wt` that `cargo install worktrunk --version 0.67.0 --root FOLDER` makes',
    );
  }
  return program;
}
