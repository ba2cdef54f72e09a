import { extract } from 'tar';
import type { Tree } from '../manifest-entry.ts';

/** Unpacks what is needed from a `.tar.gz` into a folder, without the archive's top folder. */
export async function unpackTree(archive: string, folder: string, { without }: Tree): Promise<void> {
  await extract({
    file: archive,
    cwd: folder,
    strip: 1,
    filter: (path) => {
      const below = path.slice(path.indexOf('/') + 1);
      return !without.some((part) => below.startsWith(part) || below.endsWith(part));
    },
  });
}
