import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';

/** How long a process may take to end by itself, in milliseconds. */
const GRACE_MS = 5_000;

/** Asks processes to end, and kills what does not. Throws COPPICE_DELETE for one of another user. */
export async function endProcesses(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGTERM');
  const left = await until(() => pids.filter(isAlive), {
    every: 50,
    within: GRACE_MS,
    done: (alive) => alive.length === 0,
  });
  for (const pid of left) signal(pid, 'SIGKILL');
  await until(() => left.filter(isAlive), {
    every: 50,
    within: GRACE_MS,
    done: (alive) => alive.length === 0,
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return;
    throw new CoppiceError('COPPICE_DELETE', `the process ${pid} cannot be ended: it is another user's`, {
      hint: `end it yourself (ps -fp ${pid}), then run this again`,
      cause: error,
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
