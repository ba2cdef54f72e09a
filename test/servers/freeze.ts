import { readdirSync, readFileSync } from 'node:fs';

/** Stops a process, and returns when every thread has stopped: the signal alone returns earlier, and one could still act. */
export function freeze(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  for (
    const end = Date.now() + 60_000;
    !readdirSync(`/proc/${pid}/task`).every((task) => hasStopped(pid, task));
  )
    if (Date.now() > end) throw new Error(`process ${pid} did not stop`);
}

function hasStopped(pid: number, task: string): boolean {
  return /^\d+ \(.*\) [TZX]/s.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'));
}
