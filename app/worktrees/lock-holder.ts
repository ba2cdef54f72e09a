import { readFileSync } from 'node:fs';

/** Who locked a worktree, as far as the reason of the lock says it. */
export interface LockHolder {
  /** The reason in git's own words; `no reason given` without one. */
  readonly text: string;
  /** The process that it names; absent when it names none. */
  readonly pid?: number;
  /** Whether that process has ended; false when that is not known. */
  readonly ended: boolean;
}

/**
 * Reads the reason of a lock: agents name their process (`claude session feat-x (pid 123 start 4567)`, where `start` is
 * in ticks since the machine's start, as in `/proc/PID/stat`). A process of that number which began at another time is
 * not the one that is meant.
 */
export function lockHolder(
  reason: string,
  startOf: (pid: number) => string | undefined = startOfProcess,
): LockHolder {
  const text = reason.trim() === '' ? 'no reason given' : reason.trim();
  const [, pid, start] = /\bpid[ :=]*(\d+)(?:[ ,;]+start[ :=]*([^)]+?))?\s*(?:\)|,|;|$)/i.exec(reason) ?? [];
  if (pid === undefined) return { text, ended: false };
  const now = startOf(Number(pid));
  const ended = now === undefined || (isTicks(start) && isTicks(now) && now !== start);
  return { text, pid: Number(pid), ended };
}

/** Up to 115 days of them; seconds since 1970 have ten digits. */
function isTicks(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,9}$/.test(text);
}

/** When a process began, in ticks; undefined when there is none, and `unknown` where the system does not tell. */
function startOfProcess(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process cannot be signalled, and is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the program's name, which may have spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return 'unknown';
  }
}
