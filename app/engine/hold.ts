import { AsyncLocalStorage } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import { isAlive } from '../../core/alive.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { withLock } from '../../core/lock.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { age } from '../../core/text/duration.ts';
import { until } from '../../core/until.ts';
import type { StackName } from './backend-files.ts';
import { lockState, removeLock, type StackLock, stackLocks } from './locks.ts';
import { forgetRun, readRun, runLock, writeRun } from './run-record.ts';

/** Milliseconds in which the engine of a killed `wt` may finish its step. */
const ORPHAN_MS = 20_000;

/** Records which engine process works on the held stack, so that a later `wt` can end an orphan. */
export type Held = (engine: number) => Promise<void>;

/** What the caller holds already: a verb's engine run may be one step of several. */
const holding = new AsyncLocalStorage<{ readonly lock: string; readonly held: Held }>();

/**
 * Runs `work` as the only `wt` on a stack, after clearing what killed runs left behind. Waits for another `wt`, but not
 * for a `pulumi` by hand or another machine: throws COPPICE_LOCKED. Within `work` the stack may be held again.
 */
export async function holdStack<T>(
  name: StackName,
  verb: string,
  note: (text: string) => void,
  work: (held: Held) => Promise<T>,
  places: Paths = paths(),
): Promise<T> {
  const lock = runLock(name, places);
  const outer = holding.getStore();
  if (outer?.lock === lock) return work(outer.held);
  await forgetDeadHolder(name, places);
  return withLock(
    lock,
    async () => {
      await clearLocks(name, note, places);
      const since = new Date().toISOString();
      await writeRun(name, { pid: process.pid, verb, since }, places);
      const held: Held = (engine) => writeRun(name, { pid: process.pid, engine, verb, since }, places);
      try {
        return await holding.run({ lock, held }, () => work(held));
      } finally {
        await forgetRun(name, places);
      }
    },
    () => note(`another wt is working on ${name.project}/${name.stack}; waiting for it`),
  );
}

/** A killed `wt`'s lock would block until it counts as abandoned; its process id shows at once that it has ended. */
async function forgetDeadHolder(name: StackName, places: Paths): Promise<void> {
  const run = await readRun(name, places);
  if (run && !(await isAlive(run.pid, '')))
    await rm(`${runLock(name, places)}.lock`, { recursive: true, force: true });
}

async function clearLocks(name: StackName, note: (text: string) => void, places: Paths): Promise<void> {
  for (const lock of await stackLocks(name, places)) {
    const since = age(Date.now() - lock.timestamp.getTime());
    if ((await lockState(lock)) === 'live') {
      // This process holds the run lock, so a recorded run is one that was killed.
      const orphan = (await readRun(name, places))?.engine === lock.pid;
      if (!orphan) throw lockedError(name, lock, since);
      note(`ending the engine of a run that was killed (pid ${lock.pid}, started ${since} ago)`);
      await endOrphan(lock.pid);
    }
    if ((await lockState(lock)) === 'foreign') throw lockedError(name, lock, since);
    await removeLock(lock);
    const whose = lock.pid > 0 ? `pid ${lock.pid}, ${since} ago` : 'the lock is damaged';
    note(`cleared the lock of a run that ended without cleaning up (${whose})`);
  }
}

function lockedError({ project, stack }: StackName, lock: StackLock, since: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_LOCKED',
    `${project}/${stack} is being changed by ${lock.username}@${lock.hostname}, process ${lock.pid}, for ${since}`,
    {
      hint: 'wait until it has ended, then run this again; `pulumi cancel` clears a lock whose owner is gone',
    },
  );
}

async function endOrphan(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    try {
      // The whole group: the engine's plugins must not continue to change things after it.
      process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
    const within = signal === 'SIGINT' ? ORPHAN_MS : 2_000;
    if (await until(async () => !(await isAlive(pid, 'pulumi')), { every: 50, within })) return;
  }
}
