import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { placeVariables } from '../../../config/settings/settings.ts';
import { sha256 } from '../../../core/hash.ts';
import { slugOf } from '../../../core/names.ts';

/** What a place is chosen by. */
export interface PlaceFacts {
  /** Absolute path of the main worktree, or of a bare repository. */
  readonly main: string;
  readonly bare: boolean;
  readonly branch: string;
  /** `worktrees.path` of the settings; the usual place when absent. */
  readonly template?: string;
  readonly home?: string;
}

/** Where the new worktree of a branch belongs. */
export interface Place {
  /** Absolute path. */
  readonly path: string;
  /** Absolute path of the folder that has all worktrees of the template and nothing else; absent where there is none. */
  readonly shared?: string;
}

/**
 * The folder that the template makes for a branch. By default `../{repository}.{slug}`, beside the main worktree; in a
 * folder that is only the frame of a bare repository (`shop/.bare`, `shop/.git`) all worktrees are in that frame.
 */
export function placeOf({ main, bare, branch, template, home = homedir() }: PlaceFacts): Place {
  const frame = bare ? frameOf(main) : { folder: main, inside: false };
  const text = template ?? (frame.inside ? '{slug}' : '../{repository}.{slug}');
  const values: Readonly<Record<(typeof placeVariables)[number], string>> = {
    repository: basename(frame.folder),
    slug: slugOf(branch),
    branch,
    home,
  };
  const filled = (part: string) =>
    part.replace(/\{(\w+)\}/g, (whole, name) => values[name as 'slug'] ?? whole);
  const path = resolve(frame.folder, fromHome(filled(text), home));
  const variable = text.search(/\{(slug|branch)\}/);
  const shared = text.slice(0, text.lastIndexOf('/', variable));
  const isShared =
    variable > 0 && text.lastIndexOf('/', variable) > 0 && !/^(\.|\.\.)(\/\.\.)*$/.test(shared);
  return isShared && text[text.lastIndexOf('/', variable) + 1] === '{'
    ? { path, shared: resolve(frame.folder, fromHome(filled(shared), home)) }
    : { path };
}

/** The folder that a bare repository stands for: `shop.git` for one `shop` beside it, `shop/.bare` for `shop`. */
function frameOf(bare: string): { readonly folder: string; readonly inside: boolean } {
  const name = basename(bare);
  if (name.startsWith('.')) return { folder: dirname(bare), inside: true };
  return name.endsWith('.git')
    ? { folder: bare.slice(0, -'.git'.length), inside: false }
    : { folder: bare, inside: true };
}

/** `--path` of a command line: relative to the current folder. */
export function pathGiven(path: string, cwd: string, home = homedir()): string {
  const text = fromHome(path, home);
  return isAbsolute(text) ? resolve(text) : resolve(cwd, text);
}

function fromHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** Two branches can have one slug (`feat/a`, `feat-a`): the second one's folder says which it is. */
export function besides(path: string, branch: string): string {
  return `${path}-${sha256(branch, 8)}`;
}

/** The line that makes git ignore a folder inside a worktree; undefined for one that is outside. */
export function ignoreLine(folder: string, worktree: string): string | undefined {
  if (!folder.startsWith(worktree + sep)) return undefined;
  const below = folder.slice(worktree.length).split(sep).join('/');
  return `${below.replace(/[\\*?[\]!#]/g, '\\$&')}/`;
}

/** Whether a path is inside of git's own folder. Of a bare `shop` or `shop.git` that is where people keep worktrees. */
export function isInGitFolder(
  path: string,
  { repository, bare }: { readonly repository: string; readonly bare: boolean },
): boolean {
  const isOwn = !bare || basename(repository).startsWith('.');
  return isOwn && (path === repository || path.startsWith(repository + sep));
}
