import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../core/errors.ts';
import { packageRoot } from '../core/package-root.ts';

/** Version of this package. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** A text that differs whenever this program does: the sources of the bundles, besides the version. */
export function programText(): string {
  try {
    return `${version()} ${readFileSync(join(packageRoot(), 'dist', '.sources'), 'utf8')}`;
  } catch (error) {
    // Bundled by hand; the version is enough.
    if (hasCode(error, 'ENOENT')) return version();
    throw error;
  }
}
