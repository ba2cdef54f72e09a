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

/** Goes up when the same layout would give another archive than before. */
const ARCHIVE_FORMAT = 1;

export interface Assembled {
  /** `coppice.local/node:20.20.2-3f2a9c1b` */
  readonly reference: string;
  /** Where the archive lies, or will lie. */
  readonly archive: string;
}

/** What an image would be called, without making it. Costs one stat for each file in it. */
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

/** Makes the archive unless it is there: whole or not at all, and once, however many ask at the same time. */
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

/** Size and time of change stand for a file's content: reading 100 MB at every start would cost more than it tells. */
async function fingerprint(entry: Entry): Promise<string> {
  if (entry.kind !== 'copy') return JSON.stringify(entry);
  const { size, mtimeMs } = await stat(entry.from);
  return JSON.stringify({ ...entry, from: undefined, size, mtimeMs });
}
