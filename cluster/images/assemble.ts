import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { withLock } from '../../core/lock.ts';
import { paths } from '../../core/paths.ts';
import { give, invokingUser, makeFolder } from '../../core/user.ts';
import { writeImage } from './archive.ts';
import type { Entry, ImageLayout } from './layout.ts';

/** Increase it when the same layout would give a different archive. */
const ARCHIVE_FORMAT = 1;

export interface Assembled {
  /** `coppice.local/node:20.20.2-3f2a9c1b` */
  readonly reference: string;
  /** Path of the archive, existing or not. */
  readonly archive: string;
}

/** An image's name, without creating it. Costs one stat per file. */
export async function assembledName(
  name: string,
  layout: ImageLayout,
  folder = imagesFolder(),
): Promise<Assembled> {
  const hash = createHash('sha256').update(JSON.stringify([ARCHIVE_FORMAT, process.arch, layout.defaults]));
  for (const line of await Promise.all(layout.entries.map(fingerprint))) hash.update(line);
  const short = hash.digest('hex').slice(0, 8);
  return {
    reference: `coppice.local/${name}:${layout.version}-${short}`,
    archive: join(folder, `${name}-${short}.tar`),
  };
}

/**
 * Writes the archive unless it exists: completely or not at all, and once, however many callers there are at the same
 * time.
 */
export async function assemble({ reference, archive }: Assembled, layout: ImageLayout): Promise<void> {
  if (existsSync(archive)) return;
  if (process.platform !== 'linux') {
    throw new CoppiceError(
      'COPPICE_IMAGE',
      `images can only be assembled on Linux, not on ${process.platform}`,
      {
        hint: 'make a container registry reachable, so that the upstream image can be pulled',
      },
    );
  }
  const owner = invokingUser();
  await makeFolder(imagesFolder(), owner);
  await withLock(archive, async () => {
    if (existsSync(archive)) return;
    const unfinished = `${archive}.unfinished`;
    try {
      await writeImage(unfinished, reference, layout);
      await give(unfinished, owner);
      await rename(unfinished, archive);
    } finally {
      await rm(unfinished, { force: true });
    }
  });
}

/** The cache of the user behind `sudo`, if there is one. */
function imagesFolder(): string {
  return paths(process.env, invokingUser()?.home ?? homedir()).images;
}

/**
 * Size and modification time stand for a file's content: reading 100 MB at every start would cost more than it is
 * worth.
 */
async function fingerprint(entry: Entry): Promise<string> {
  if (entry.kind !== 'copy') return JSON.stringify(entry);
  const { size, mtimeMs } = await stat(entry.from);
  return JSON.stringify({ ...entry, from: undefined, size, mtimeMs });
}
