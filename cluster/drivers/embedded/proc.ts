import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';

/** Identifies a process: pids are reused, a pid with its start time is not (within one boot). */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

export function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such process, or only its zombie. */
export function processOf(pid: number): ProcessId | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command in parentheses may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
}

export function isRunning(id: ProcessId): boolean {
  return processOf(id.pid)?.startTime === id.startTime;
}

/** SIGTERM, signal 15, in the masks of /proc/PID/status. */
const SIGTERM_BIT = 1n << 14n;

/** Waiting is pointless: it ignores SIGTERM, or it is process 1 of its namespace and has no handler. */
export function ignoresSigterm(status: string): boolean {
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0'}`);
  const inNamespace = /^NSpid:.*\s(\d+)$/m.exec(status)?.[1];
  if ((mask('SigIgn') & SIGTERM_BIT) !== 0n) return true;
  return inNamespace === '1' && (mask('SigCgt') & SIGTERM_BIT) === 0n;
}

export function commandLine(pid: number): string[] {
  const text = read(`/proc/${pid}/cmdline`) ?? '';
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Identity of a process's network namespace, for example `net:[4026531840]`. */
export function networkNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** Changes with every boot, so that pids and start times from an earlier one are not trusted. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Sends SIGTERM, waits, sends SIGKILL to what is left; resolves when all have ended. Milliseconds. */
export async function endProcesses(ids: readonly ProcessId[], grace: number): Promise<void> {
  signalAll(ids, 'SIGTERM');
  if (await allGone(ids, grace)) return;
  signalAll(ids, 'SIGKILL');
  await allGone(ids, 5_000);
}

function signalAll(ids: readonly ProcessId[], signal: NodeJS.Signals): void {
  for (const id of ids) {
    if (!isRunning(id)) continue;
    try {
      process.kill(id.pid, signal);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  }
}

function allGone(ids: readonly ProcessId[], within: number): Promise<boolean> {
  return until(() => !ids.some(isRunning), { every: 20, within });
}
