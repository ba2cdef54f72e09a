import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './alive.ts';
import { namesIn, readIfPresent } from './files.ts';
import { type Paths, paths } from './paths.ts';

/** A folder for the temporary files of programs that we start. */
export interface TemporaryFolder {
  /** Absolute path, for `TMPDIR`. */
  readonly path: string;
  /** Keeps it for as long as that process runs, even if ours is killed. */
  keepFor(pid: number): Promise<void>;
}

/**
 * Longest path of the folder in which they are, in bytes. A program may open a socket in one, and a socket's path has
 * 103 bytes at most (macOS); the rest is for the two names below.
 */
const MAX_BYTES = 60;

const prefix = 'coppice-';
const userFile = 'coppice-user';

/**
 * Runs `work` with such a folder, and removes it afterwards with all that the programs left in it: Pulumi's Kubernetes
 * provider, for one, writes the credentials of the cluster into a file and never removes it. Removes those of killed
 * runs too.
 */
export async function withTemporaryFolder<T>(
  work: (folder: TemporaryFolder) => Promise<T>,
  places: Paths = paths(),
): Promise<T> {
  const above = folderOf(places);
  await mkdir(above, { recursive: true, mode: 0o700 });
  await sweep(above);
  const path = await mkdtemp(join(above, `${prefix}${process.pid}-`));
  try {
    return await work({
      path,
      keepFor: (pid) => writeFile(join(path, userFile), String(pid)),
    });
  } finally {
    await remove(path);
  }
}

async function sweep(above: string): Promise<void> {
  for (const name of await namesIn(above)) {
    const [, owner] = /^coppice-(\d+)-\w{6}$/.exec(name) ?? [];
    if (owner === undefined || (await isAlive(Number(owner), ''))) continue;
    const user = await readIfPresent(join(above, name, userFile)).catch(() => undefined);
    if (user === undefined || !(await isAlive(Number(user), ''))) await remove(join(above, name));
  }
}

/** What cannot be removed now, as a plugin is still ending, is removed by a later run. */
function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

function folderOf({ data }: Paths): string {
  const own = join(data, 'tmp');
  return Buffer.byteLength(own) <= MAX_BYTES ? own : tmpdir();
}
