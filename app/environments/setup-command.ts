import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { missingProgram } from '../../config/packages/missing-program.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { paths } from '../../core/paths.ts';
import { interruptedError } from '../../core/pause.ts';
import { start } from '../../core/run.ts';
import { until } from '../../core/until.ts';
import type { Ports } from '../ports.ts';

/** A command of `setup:`, and where it runs. */
export interface SetupCommand {
  readonly app: string;
  readonly slug: string;
  readonly folder: string;
  readonly command: string;
}

/** Milliseconds between two looks at the output. */
const LOOK_MS = 500;
/** Milliseconds that the processes of a command get to end after Ctrl+C. */
const END_MS = 5_000;
/** Bytes at the end of the output that are read for its last lines. */
const TAIL = 8 * 1024;

/**
 * Runs one command to its end and shows its last line. Ctrl+C ends every process that it started. Throws
 * COPPICE_SETUP_FAILED, COPPICE_INTERRUPTED.
 */
export async function runSetupCommand(
  { app, slug, folder, command }: SetupCommand,
  ports: Ports,
): Promise<void> {
  const task = ports.screen.start(`setup: ${command}`);
  await mkdir(paths().logs, { recursive: true, mode: 0o700 });
  const log = join(paths().logs, `setup-${app}-${slug}.txt`);
  const looking = setInterval(
    () => void lastLines(log, 1).then(([line]) => line && task.update(line)),
    LOOK_MS,
  );
  try {
    const code = await interruptible(ports.interrupts, (signal) =>
      toEnd(command, { folder, log, env: ports.env, signal }),
    );
    if (code === 0) return task.done();
    task.fail(`exit code ${code}`);
    const last = (await lastLines(log, 20)).map((line) => `  | ${line}`);
    const program = code === 127 ? missingProgram(last) : undefined;
    const how =
      program === undefined
        ? `ended with exit code ${code}`
        : `needs ${program}, which is not on this machine`;
    throw new CoppiceError('COPPICE_SETUP_FAILED', [`\`${command}\` of setup: ${how}`, ...last].join('\n'), {
      hint: `${program === undefined ? '' : `install ${program}, or `}run it in ${folder}; the whole output is in ${log}`,
    });
  } catch (error) {
    if (error instanceof CoppiceError && error.code === 'COPPICE_INTERRUPTED') task.fail('interrupted');
    throw error;
  } finally {
    clearInterval(looking);
  }
}

interface Running {
  readonly folder: string;
  readonly log: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Its exit code. It writes into a file, so that what it leaves in the background may go on writing. */
async function toEnd(command: string, { folder, log, env, signal }: Running): Promise<number | null> {
  const output = openSync(log, 'w', 0o600);
  const child = start('/bin/sh', ['-c', command], {
    cwd: folder,
    stdio: ['ignore', output, output],
    env,
    detached: true,
  });
  closeSync(output);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  const first = await Promise.race([ended, aborted]);
  if (first !== 'aborted') return first;
  await endGroup(child);
  throw interruptedError(signal);
}

/** Ends all processes of the command: those that do not end by themselves are killed. */
async function endGroup(child: ChildProcess): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const gone = await until(() => !signalGroup(child, 0), { every: 50, within: END_MS, done: Boolean });
  if (!gone) signalGroup(child, 'SIGKILL');
}

/** False when none of them is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** The last lines of the output that say something; a line that a program draws again and again is its last state. */
async function lastLines(log: string, count: number): Promise<string[]> {
  const file = await open(log, 'r').catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL), 0, TAIL, Math.max(0, size - TAIL));
    return stripVTControlCharacters(buffer.toString('utf8', 0, bytesRead))
      .split(/[\r\n]+/)
      .map((line) => line.trimEnd())
      .filter((line) => line.trim() !== '')
      .slice(-count);
  } finally {
    await file.close();
  }
}
