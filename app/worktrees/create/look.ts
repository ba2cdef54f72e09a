import { join, resolve } from 'node:path';
import { isThere } from '../../../core/files.ts';
import { isWithin } from '../../../core/within.ts';
import { git, gitError } from '../../../git/command.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import { listWorktrees, type Worktree } from '../../../git/worktrees.ts';

/** A reference of git, by its full name. */
export interface Ref {
  readonly name: string;
  /** Full sha. */
  readonly commit: string;
  /** The full name that a symbolic one stands for. */
  readonly target?: string;
  /** Full name of the upstream of a branch. */
  readonly upstream?: string;
}

/** What `wt create` needs to know of a repository. */
export interface Look {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  /** Absolute path of the main worktree, or of a bare repository. */
  readonly main: string;
  readonly bare: boolean;
  readonly worktrees: readonly Worktree[];
  /** The one that the current folder is in. */
  readonly current?: Worktree;
  /** By full name: all branches, and what remotes and tags have of the names that were asked for. */
  readonly refs: ReadonlyMap<string, Ref>;
  /** Address by name of the remote. */
  readonly remotes: ReadonlyMap<string, string>;
  /** Values of git's configuration, by name in lower case. */
  readonly config: ReadonlyMap<string, string>;
}

const format = ['%(refname)', '%(objectname)', '%(symref)', '%(upstream)'].join('%00');
const configured =
  '^(remote\\..*\\.url|init\\.defaultbranch|checkout\\.defaultremote|core\\.(worktree|sshcommand))$';
/** What a default branch is usually called. */
export const usualNames = ['main', 'master', 'trunk'] as const;

/** Reads it with three git processes at once. Throws what `gitError` translates. */
export async function lookAt(cwd: string, names: readonly string[]): Promise<Look> {
  const wanted = ['HEAD', ...usualNames, ...names];
  const [worktrees, refs, config] = await Promise.all([
    listWorktrees(cwd),
    readRefs(cwd, [
      'refs/heads',
      ...wanted.map((name) => `refs/remotes/*/${name}`),
      ...names.map((name) => `refs/tags/${name}`),
    ]),
    readConfig(cwd),
  ]);
  const [first] = worktrees;
  if (first === undefined)
    throw gitError(cwd, { code: 1, stdout: '', stderr: 'fatal: not a git repository' });
  const repository = await commonFolder(first);
  const main = first.bare ? repository : await topOf(first, repository, config, cwd);
  const corrected = [first.bare ? first : { ...first, path: main }, ...worktrees.slice(1)];
  const current = innermost(corrected, cwd);
  const remotes = new Map(
    [...config].flatMap(([key, value]) => {
      const name = /^remote\.(.*)\.url$/.exec(key)?.[1];
      return name === undefined ? [] : [[name, value] as const];
    }),
  );
  return {
    repository,
    main,
    bare: first.bare,
    worktrees: corrected,
    ...(current && { current }),
    refs,
    remotes,
    config,
  };
}

async function readRefs(cwd: string, patterns: readonly string[]): Promise<Map<string, Ref>> {
  const result = await git(cwd, 'for-each-ref', `--format=${format}`, ...patterns);
  if (result.code !== 0) throw gitError(cwd, result);
  return new Map(result.stdout.split('\n').flatMap((line) => (line === '' ? [] : [parseRef(line)])));
}

function parseRef(line: string): [string, Ref] {
  const [name = '', commit = '', target = '', upstream = ''] = line.split('\0');
  return [name, { name, commit, ...(target && { target }), ...(upstream && { upstream }) }];
}

async function readConfig(cwd: string): Promise<Map<string, string>> {
  const { stdout } = await git(cwd, 'config', '-z', '--get-regexp', configured);
  return new Map(
    stdout.split('\0').flatMap((entry) => {
      const at = entry.indexOf('\n');
      return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
    }),
  );
}

/** Git names the main worktree, and of a repository without one (bare, a submodule's) the repository itself. */
async function commonFolder({ path }: Worktree): Promise<string> {
  const inside = await gitFolderOf(path);
  return inside ?? path;
}

/** For a submodule, and after `git init --separate-git-dir`, git says where the repository is. */
async function topOf(
  { path }: Worktree,
  repository: string,
  config: ReadonlyMap<string, string>,
  cwd: string,
): Promise<string> {
  if (await isThere(join(path, '.git'))) return path;
  const named = config.get('core.worktree');
  if (named !== undefined) return resolve(repository, named);
  const { stdout } = await git(cwd, 'rev-parse', '--path-format=absolute', '--git-dir', '--show-toplevel');
  const [folder, top] = stdout.split('\n');
  return folder === repository && top ? top : path;
}

function innermost(worktrees: readonly Worktree[], cwd: string): Worktree | undefined {
  return worktrees
    .filter(({ bare, path }) => !bare && isWithin(cwd, path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
