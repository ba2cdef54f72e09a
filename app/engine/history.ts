import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, paths } from '../../core/paths.ts';
import type { StackName } from './stack-state.ts';

/** Updates that `pulumi stack history` goes on showing. */
const KEPT_UPDATES = 20;

/** Every update leaves a copy of the whole state that nothing else ever removes: those of old updates go. */
export async function forgetOldUpdates(
  { project, stack }: StackName,
  places: Paths = paths(),
): Promise<void> {
  const folder = join(places.pulumiState, '.pulumi', 'history', project, stack);
  const files = await readdir(folder).catch(() => []);
  const updateOf = (file: string) => /-(\d+)\./.exec(file)?.[1] ?? '';
  // Nanoseconds since 1970 for the next 250 years: as many digits each.
  const updates = [...new Set(files.map(updateOf))].sort();
  const old = new Set(updates.slice(0, Math.max(0, updates.length - KEPT_UPDATES)));
  await Promise.all(
    files.filter((file) => old.has(updateOf(file))).map((file) => rm(join(folder, file), { force: true })),
  );
}
