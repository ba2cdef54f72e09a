import { join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { writeJson } from '../../../core/files.ts';
import { type Running, running } from '../../../core/running.ts';
import { readCache } from '../../../core/state/state-file.ts';

/** When something was deleted: by the clock, for people, and by the time that the machine runs. */
export interface DeletedAt extends Partial<Running> {
  /** ISO time. */
  readonly time: string;
}

/** How long a deleted worktree can be brought back: as long as `wt db undo` keeps a database. */
export const KEPT_MS = 72 * 3600 * 1000;

export function deletedNow(): DeletedAt {
  return { time: new Date().toISOString(), ...running() };
}

/**
 * How long each entry of the trash has been there for certain, in milliseconds by its id, when it was looked at last. A
 * clock may leap, also while the machine is off; so only time counts in which the machine ran.
 */
export interface Ages extends Running {
  readonly ages: Readonly<Record<string, number>>;
}

/** What is known of an entry. */
interface Entry {
  readonly id: string;
  readonly deletedAt: DeletedAt;
}

/**
 * Pure: the ages now. What was not running, and what nobody saw run, makes nothing older.
 *
 * @internal Its test passes looks of its own.
 */
export function agesAt(now: Running, before: Ages | undefined, entries: readonly Entry[]): Ages {
  const since = before === undefined ? 0 : sureSince(before, now);
  const ages = entries.map(({ id, deletedAt: { boot, uptime } }) => {
    const last = before?.ages[id];
    if (last !== undefined) return [id, last + since];
    return [id, uptime === undefined ? 0 : sureSince({ uptime, ...defined({ boot }) }, now)];
  });
  return { ...now, ages: Object.fromEntries(ages) };
}

/** Milliseconds that passed at least: after a restart those since then. */
function sureSince(then: Running, now: Running): number {
  const restarted = then.boot !== now.boot || now.uptime < then.uptime;
  return Math.max(0, restarted ? now.uptime : now.uptime - then.uptime) * 1000;
}

const fileIn = (common: string) => join(common, 'coppice', 'trash-ages.json');

/** The ages of entries of the trash of a repository, in milliseconds by id. */
export async function readAges(
  common: string,
  entries: readonly Entry[],
  now = running(),
): Promise<ReadonlyMap<string, number>> {
  const before = await readCache<Ages>(fileIn(common), { uptime: 'number', ages: 'object' });
  return new Map(Object.entries(agesAt(now, before, entries).ages));
}

/** As {@link readAges}, and keeps them for the next time. */
export async function keepAges(
  common: string,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, number>> {
  const now = running();
  const ages = await readAges(common, entries, now);
  await writeJson(fileIn(common), { ...now, ages: Object.fromEntries(ages) });
  return ages;
}
