import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../../../core/files.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dist?: { readonly reference?: string };
}

/** Composer lists in `vendor/composer/installed.json` what it installed. */
export async function composerState(project: string, lockFile: string): Promise<string | undefined> {
  const text = await readIfPresent(join(project, 'vendor', 'composer', 'installed.json'));
  if (text === undefined) return 'Composer has installed nothing in vendor/';
  const installed = JSON.parse(text) as { packages?: Package[]; dev?: boolean };
  const lock = JSON.parse(await readFile(join(project, lockFile), 'utf8')) as {
    packages?: Package[];
    'packages-dev'?: Package[];
  };
  if (installed.dev !== true) return 'vendor/ was installed without what is for development';
  const wanted = listOf([...(lock.packages ?? []), ...(lock['packages-dev'] ?? [])]);
  return listOf(installed.packages ?? []) === wanted ? undefined : `vendor/ is not what ${lockFile} lists`;
}

function listOf(packages: readonly Package[]): string {
  return packages
    .map(({ name, version, dist }) => `${name} ${version} ${dist?.reference ?? ''}`)
    .sort()
    .join('\n');
}
