import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isThere } from '../core/files.ts';
import { git, gitError } from './command.ts';
import { gitFolderOf } from './head.ts';

/**
 * Absolute path of git's common directory for a folder: from git's own files where it is in a worktree or a repository,
 * else by asking git. Throws what `gitError` translates.
 */
export async function commonFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await isThere(join(at, '.git'))) {
      const found = await commonOf(await gitFolderOf(at));
      if (found !== undefined) return found;
      break;
    }
    if (await isGitFolder(at)) {
      const found = await commonOf(at);
      if (found !== undefined) return found;
      break;
    }
    if (at === dirname(at)) break;
  }
  const result = await git(folder, 'rev-parse', '--path-format=absolute', '--git-common-dir');
  if (result.code !== 0) throw gitError(folder, result);
  return result.stdout.replace(/\n$/, '');
}

/** A bare repository may lie inside a worktree of another one. */
async function isGitFolder(folder: string): Promise<boolean> {
  return (await isThere(join(folder, 'HEAD'))) && (await isThere(join(folder, 'objects')));
}

/** Undefined for what is no git folder. */
async function commonOf(gitFolder: string): Promise<string | undefined> {
  if (!(await isThere(join(gitFolder, 'HEAD')))) return undefined;
  const shared = await readFile(join(gitFolder, 'commondir'), 'utf8').catch(() => '.');
  return resolve(gitFolder, shared.trim());
}

/** The local branches of a repository, and the one that others are compared with. */
export interface LocalBranches {
  readonly names: ReadonlySet<string>;
  /** Absent in a repository without a commit on any that could be it. */
  readonly base?: { readonly name: string; readonly tip: string };
}

/**
 * All local branches and the default one, as `defaultBranch` finds it, by one git process, and another where no remote names
 * the default. `otherwise`: the branch of the main worktree. Throws what `gitError` translates.
 */
export async function localBranches(
  repository: string,
  otherwise: string | undefined,
): Promise<LocalBranches> {
  const [references, configured] = await Promise.all([
    git(
      repository,
      'for-each-ref',
      '--format=%(refname)%00%(objectname)%00%(symref)',
      'refs/heads',
      'refs/remotes/origin/HEAD',
    ),
    configuredDefault(repository),
  ]);
  if (references.code !== 0) throw gitError(repository, references);
  const tips = new Map<string, string>();
  let remote: { name: string; tip: string } | undefined;
  for (const line of references.stdout.split('\n')) {
    const [reference = '', tip = '', symbolic = ''] = line.split('\0');
    if (reference.startsWith('refs/heads/')) tips.set(reference.slice('refs/heads/'.length), tip);
    else if (symbolic !== '') remote = { name: symbolic.replace('refs/remotes/origin/', ''), tip };
  }
  const names = new Set(tips.keys());
  if (remote !== undefined)
    return { names, base: { name: remote.name, tip: tips.get(remote.name) ?? remote.tip } };
  const name = [configured, 'main', 'master', 'trunk', otherwise].find((one) => one && names.has(one));
  const tip = name === undefined ? undefined : tips.get(name);
  return name === undefined || tip === undefined ? { names } : { names, base: { name, tip } };
}

/** Not asked for where the remote names the default branch. */
async function configuredDefault(repository: string): Promise<string> {
  if (await isThere(join(repository, 'refs', 'remotes', 'origin', 'HEAD'))) return '';
  return (await git(repository, 'config', 'init.defaultBranch')).stdout.trim();
}
