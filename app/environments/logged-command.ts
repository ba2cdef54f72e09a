import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { hasCode } from '../../core/errors.ts';
import { sizeOf } from '../../core/files.ts';
import { interruptedError } from '../../core/pause.ts';
import { start } from '../../core/run.ts';
import { until } from '../../core/until.ts';

/** A command of the shell whose output goes to a file. */
export interface LoggedCommand {
  readonly command: string;
  readonly folder: string;
  /** Absolute path; it is replaced. */
  readonly log: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Absolute path of the file that it reads as its standard input; it reads nothing when absent. */
  readonly input?: string;
  /** Milliseconds after which it is ended; never when absent. */
  readonly within?: number;
  /** Its last line, each time that it is another. */
  readonly onLine?: (line: string) => void;
}

/** Milliseconds between two looks at the output. */
const LOOK_MS = 500;
/** Milliseconds that the processes of a command get to end after Ctrl+C. */
const END_MS = 5_000;
/** Bytes at the end of the output that are read for its last lines. */
const TAIL = 8 * 1024;
/** Bytes of output that are kept: a command that prints without end must not fill the disk. */
const LOG_LIMIT = 64 * 1024 * 1024;

/**
 * Its exit code; null when a signal ended it, `late` when it was ended at its limit. It writes into a file, so that what
 * it leaves in the background may go on writing. Throws COPPICE_INTERRUPTED once every process of it has ended.
 */
export async function runLogged(asked: LoggedCommand): Promise<number | null | 'late'> {
  const { log, signal, within, onLine } = asked;
  const child = startLogged(asked);
  const looking = setInterval(() => void look(log, onLine), LOOK_MS);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<'aborted' | 'late'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    if (within !== undefined) timer = setTimeout(() => resolve('late'), within);
  });
  try {
    const first = await Promise.race([ended, stopped]);
    if (first !== 'aborted' && first !== 'late') return first;
    await endGroup(child);
    if (first === 'aborted') throw interruptedError(signal);
    return first;
  } finally {
    clearTimeout(timer);
    clearInterval(looking);
  }
}

function startLogged({ command, folder, log, env, input }: LoggedCommand): ChildProcess {
  // Appended to, so that a log that is cut short begins at its start again.
  closeSync(openSync(log, 'w', 0o600));
  const output = openSync(log, 'a');
  const from = input === undefined ? 'ignore' : openSync(input, 'r');
  const child = start('/bin/sh', ['-c', command], {
    cwd: folder,
    stdio: [from, output, output],
    env,
    detached: true,
  });
  closeSync(output);
  if (from !== 'ignore') closeSync(from);
  return child;
}

async function look(log: string, onLine: LoggedCommand['onLine']): Promise<void> {
  const [line] = await lastLines(log, 1);
  if (line !== undefined) onLine?.(line);
  if ((await sizeOf(log)) > LOG_LIMIT) await truncate(log);
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
export async function lastLines(log: string, count: number): Promise<string[]> {
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
