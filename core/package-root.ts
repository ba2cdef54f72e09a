import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with this package's package.json: the same when run from source or from a bundle under `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'toolchain', 'modules'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`no package.json of coppice above ${fileURLToPath(import.meta.url)}`);
    folder = parent;
  }
  return folder;
}
