import { dirname, join, relative } from 'node:path';
import { lastUpdateFailed } from '../engine/index.ts';
import { contentParts, settingsPart } from './content-hash.ts';
import type { EnvironmentRecord } from './record.ts';

/** So many files are named; a tool that rewrites all of them would fill the screen. */
const named = 3;

/**
 * How what is written differs from what is up, one phrase each: `coppice.yaml`, `db/3.sql (new)`. Empty where nothing
 * differs, and where nothing is known: an older coppice did not record it, and what `pulumi up` brought up by hand has no
 * record. `worktree`: where the environment's worktree is now. A commit alone changes nothing: pods see the files.
 */
export async function changedSinceUp(
  { app, slug }: Pick<EnvironmentRecord, 'app' | 'slug'>,
  record: EnvironmentRecord | undefined,
  worktree: string | undefined,
): Promise<string[]> {
  // An `up` removes the record before it begins, and writes it when it has succeeded.
  if (record === undefined)
    return (await lastUpdateFailed({ project: app, stack: slug })) ? ['the last `wt up` did not finish'] : [];
  const { content, specFile, watched } = record;
  if (content === undefined || specFile === undefined) return [];
  const place = join(worktree ?? record.worktree, relative(record.worktree, specFile));
  const now = await contentParts({ specFile: place, watched }).catch(() => undefined);
  return now === undefined
    ? []
    : differences(content, now, relative(worktree ?? record.worktree, dirname(place)));
}

/** @internal Exported for its test, which passes digests in. */
export function differences(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  folder: string,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const differing = names.filter((name) => before[name] !== now[name]).sort(byWeight);
  const phrases = differing.map((name) => phrase(name, before[name], now[name], folder));
  const more = phrases.length - named;
  return more > 1 ? [...phrases.slice(0, named), `${more} more files`] : phrases;
}

/** coppice.yaml first. */
function byWeight(one: string, other: string): number {
  const weight = (name: string) => (name === 'coppice.yaml' ? 0 : 1);
  return weight(one) - weight(other) || one.localeCompare(other);
}

function phrase(name: string, before: string | undefined, now: string | undefined, folder: string): string {
  if (name === settingsPart) return 'the settings';
  const path = join(folder, name);
  if (before === undefined) return `${path} (new)`;
  return now === undefined ? `${path} (removed)` : path;
}
