import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../../core/files.ts';

/** Each gem that Bundler installed has a file `NAME-VERSION.gemspec`, or `NAME-VERSION-PLATFORM.gemspec`. */
export async function gemState(project: string, lockFile: string): Promise<string | undefined> {
  const ruby = join(project, 'vendor', 'bundle', 'ruby');
  const versions = await namesIn(ruby);
  const [version] = versions;
  if (version === undefined) return 'Bundler has installed nothing in vendor/bundle';
  if (versions.length > 1) return 'vendor/bundle is of several versions of Ruby';
  const installed = await namesIn(join(ruby, version, 'specifications'));
  const missing = gemsOf(await readFile(join(project, lockFile), 'utf8')).filter(
    ({ name, version }) => !installed.includes(`${name}-${version}.gemspec`),
  );
  // A gem is listed once for each platform; one of them is enough.
  const names = new Set(installed.map((file) => file.replace(/\.gemspec$/, '')));
  const gone = missing.filter(
    ({ name, version }) => ![...names].some((found) => found.startsWith(`${name}-${version.split('-')[0]}`)),
  );
  return gone[0] && `vendor/bundle lacks ${gone[0].name} ${gone[0].version}, which ${lockFile} lists`;
}

interface Gem {
  readonly name: string;
  readonly version: string;
}

/** `    rack (3.1.8)`, four spaces in, below `GEM`; what a gem needs is six spaces in. */
function gemsOf(text: string): Gem[] {
  const [section = ''] = /^GEM\n(?: .*\n|\n(?= ))*/m.exec(text) ?? [];
  return [...section.matchAll(/^ {4}(\S+) \(([^)]+)\)$/gm)].map(([, name = '', version = '']) => ({
    name,
    version,
  }));
}
