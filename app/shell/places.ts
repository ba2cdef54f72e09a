import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import { quote } from '../../core/shell.ts';
import type { ShellName } from './shells.ts';

/** The machine as far as the place of a shell's file depends on it. */
export interface ShellHome {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

export function thisHome(env: NodeJS.ProcessEnv): ShellHome {
  return { home: env.HOME || homedir(), env, platform: process.platform };
}

/** The file of ours that a shell reads: static text, written by `wt shell install`. */
export function integrationFile(shell: ShellName): string {
  return join(paths().data, 'shell', `wt.${shell}`);
}

/** The file of the user that gets the line. Absolute; it may not exist. */
export async function rcFile(shell: ShellName, { home, env, platform }: ShellHome): Promise<string> {
  if (shell === 'zsh') return join(absoluteOr(env.ZDOTDIR, home), '.zshrc');
  // https://fishshell.com/docs/current/language.html#configuration: files of others belong into conf.d.
  if (shell === 'fish')
    return join(absoluteOr(env.XDG_CONFIG_HOME, join(home, '.config')), 'fish', 'conf.d', 'coppice.fish');
  const rc = join(home, '.bashrc');
  if (platform !== 'darwin') return rc;
  // A terminal on macOS starts login shells, which read only the first of these that there is.
  for (const name of ['.bash_profile', '.bash_login', '.profile']) {
    const file = join(home, name);
    const text = await readIfPresent(file);
    if (text !== undefined) return text.includes('.bashrc') ? rc : file;
  }
  return join(home, '.bash_profile');
}

/** The line without its comment. It says `$HOME`, as such files are carried from one machine to another. */
export function rcLine(shell: ShellName, file: string, { home }: ShellHome): string {
  const below = relative(home, file);
  const isBelow = below !== '' && !below.startsWith('..') && !isAbsolute(below);
  const word =
    isBelow && /^[\w./ -]+$/.test(below)
      ? `"$HOME/${below}"`
      : quote(file, shell === 'fish' ? 'fish' : 'posix');
  return shell === 'fish' ? `test -r ${word}; and source ${word}` : `if [ -r ${word} ]; then . ${word}; fi`;
}

function absoluteOr(path: string | undefined, fallback: string): string {
  return path && isAbsolute(path) ? path : fallback;
}
