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

/** Text that differs whenever this program does: which sources the bundles were made of, besides the version. */
export function programText(): string {
  try {
    return `${version()} ${readFileSync(join(packageRoot(), 'dist', '.sources'), 'utf8')}`;
  } catch (error) {
    // An installed package has no such file; its version says it all.
    if (hasCode(error, 'ENOENT')) return version();
    throw error;
  }
}
