import { join } from 'node:path';
import { isThere } from '../../../core/files.ts';
import { git, gitWith } from '../../../git/command.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';

interface Submodule {
  readonly name: string;
  /** Relative to the worktree that has it. */
  readonly path: string;
}

/** Which submodules of a worktree were filled, by path below it, and what a user should know of the others. */
export interface Submodules {
  readonly filled: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Fills the submodules that the main worktree has, from what git keeps of them there: nothing is downloaded, and objects
 * are hard links. Only where a commit is missing there is the submodule's own remote asked.
 */
export async function fillSubmodules(
  worktree: string,
  repository: string,
  signal: AbortSignal,
): Promise<Submodules> {
  if (!(await isThere(join(worktree, '.gitmodules')))) return { filled: [], notes: [] };
  return fillIn(worktree, join(repository, 'modules'), signal);
}

async function fillIn(worktree: string, modules: string, signal: AbortSignal): Promise<Submodules> {
  const filled: string[] = [];
  const notes: string[] = [];
  // One after another: each writes the configuration that all worktrees share.
  for (const submodule of await submodulesOf(worktree)) {
    const { name, path } = submodule;
    const from = join(modules, name);
    if (!(await isThere(from))) continue;
    const problem = await fillOne(worktree, submodule, from, signal);
    if (problem !== undefined) {
      notes.push(`the submodule ${path} is not filled: ${problem}; try: git submodule update --init ${path}`);
      continue;
    }
    filled.push(path);
    if (!(await isThere(join(worktree, path, '.gitmodules')))) continue;
    const below = await fillIn(join(worktree, path), join(from, 'modules'), signal);
    filled.push(...below.filled.map((inner) => join(path, inner)));
    notes.push(...below.notes);
  }
  return { filled, notes };
}

async function submodulesOf(worktree: string): Promise<Submodule[]> {
  const { stdout } = await git(
    worktree,
    'config',
    '-z',
    '--file',
    '.gitmodules',
    '--get-regexp',
    '^submodule\\..*\\.path$',
  );
  return stdout.split('\0').flatMap((entry) => {
    const at = entry.indexOf('\n');
    const name = /^submodule\.(.*)\.path$/s.exec(entry.slice(0, at))?.[1];
    return name === undefined ? [] : [{ name, path: entry.slice(at + 1) }];
  });
}

/** Undefined when its files are there. */
async function fillOne(
  worktree: string,
  { name, path }: Submodule,
  from: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const update = ['submodule', '--quiet', 'update', '--init', '--', path];
  const own = (await git(from, 'config', 'remote.origin.url')).stdout.trim();
  const known = (await git(worktree, 'config', `submodule.${name}.url`)).stdout.trim();
  const local = ['-c', 'protocol.file.allow=always', '-c', `submodule.${name}.url=${from}`];
  const place = join(worktree, path);
  const first = (await isCheckedOut(place))
    ? { code: 0, stderr: '' }
    : await gitWith(worktree, { signal }, ...local, ...update);
  if (!(await isThere(join(place, '.git')))) return lastLine(first.stderr);
  if (own !== '') await git(place, 'remote', 'set-url', 'origin', own);
  // Left out of the configuration by `-c`, and what `git submodule` goes by later.
  if (known === '' && own !== '') await git(worktree, 'config', `submodule.${name}.url`, own);
  if (first.code === 0) return undefined;
  const second = await gitWith(worktree, { signal, env: { GIT_TERMINAL_PROMPT: '0' } }, ...update);
  return second.code === 0 ? undefined : lastLine(second.stderr);
}

/** By an interrupted run: since then its commit and files are its user's. */
async function isCheckedOut(submodule: string): Promise<boolean> {
  const gitFolder = await gitFolderOf(submodule);
  return gitFolder !== undefined && isThere(join(gitFolder, 'index'));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
