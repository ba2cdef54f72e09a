import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files of a dump that `pg_dump --format=directory` wrote, as paths in order; undefined for what is none. It has
 * a table of contents, and no folders in it.
 */
export async function filesOfDumpFolder(path: string): Promise<string[] | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  if (!entries.some(({ name }) => /^toc\.dat(\.\w+)?$/.test(name))) return undefined;
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort();
}
