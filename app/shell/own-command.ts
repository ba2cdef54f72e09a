import { readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';
import { quote, shellOf } from '../../core/shell.ts';
import type { ShellName } from './shells.ts';

/** The names under which this program is installed. */
const installedNames = ['wt', 'coppice'];

/** How a shell starts this program under a name of its own. */
export interface OwnCommand {
  /** The name of the shell's function: what a person types. */
  readonly name: string;
  /** Words of the shell that start the program and no function: `command wt`. */
  readonly start: string;
  /** Absolute path of another program that has that name and comes first on PATH. */
  readonly hides?: string;
}

/**
 * By name where PATH leads here, so that it holds after an update; by path where it leads to another program, such as
 * worktrunk, which is called `wt` too.
 */
export async function ownCommand(
  name: string,
  shell: ShellName,
  env: NodeJS.ProcessEnv,
): Promise<OwnCommand> {
  const found = await firstOnPath(name, env);
  const hides = found === undefined || (await isOurs(found)) ? {} : { hides: found };
  for (const installed of new Set([name, ...installedNames])) {
    const path = installed === name ? found : await firstOnPath(installed, env);
    if (path !== undefined && (await isOurs(path))) return { name, start: `command ${installed}`, ...hides };
  }
  return { name, start: `command ${quote(binary(), shellOf(shell))}`, ...hides };
}

const binary = () => join(packageRoot(), 'bin', 'wt');

async function firstOnPath(name: string, { PATH = '' }: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of PATH.split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && (found.mode & 0o111) !== 0) return path;
  }
  return undefined;
}

/** A link to `bin/wt` of this or another copy of this package, or the file that `wt env` writes. */
async function isOurs(path: string): Promise<boolean> {
  if ((await realpath(path)) === (await realpath(binary()))) return true;
  const text = await readFile(path, 'utf8').catch(() => '');
  return /coppice/.test(text.slice(0, 2000));
}
