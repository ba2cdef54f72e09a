import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { namesIn, removeIfEmpty } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { allStacks, forgetEmptyProjects } from '../engine/index.ts';

/**
 * Removes the records of environments that have no stack any more, and what is kept about an app after its last one:
 * those of this `down`, and those that earlier versions left. Records of a run that is under way stay.
 */
export async function forgetLeftovers(places: Paths = paths()): Promise<void> {
  const stacks = new Set((await allStacks(places)).map(({ project, stack }) => `${project}/${stack}`));
  for (const app of await namesIn(places.environments)) {
    const folder = join(places.environments, app);
    for (const file of await namesIn(folder).catch(() => [])) {
      const slug = slugOfRecord(file);
      const unused = slug !== undefined && !stacks.has(`${app}/${slug}`);
      if (unused || isOfKilledWrite(file)) await rm(join(folder, file), { force: true });
    }
    await removeIfEmpty(folder);
  }
  await forgetEmptyProjects(places);
}

/** Of the last `up`, of the commands of `setup:`, of the repository, and long answers; a slug has no dot. */
function slugOfRecord(file: string): string | undefined {
  return /^([^.]+)(?:(?:\.(?:setup|origin))?\.json|\.[a-z]+\.txt)$/.exec(file)?.[1];
}

/** What core/files.ts was writing when its process was killed. */
function isOfKilledWrite(file: string): boolean {
  const [, pid] = /\.json\.(\d+)-[0-9a-f]{8}$/.exec(file) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}
