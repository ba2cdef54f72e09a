import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentName, slugOf } from '../../core/names.ts';
import { paths } from '../../core/paths.ts';
import { git } from '../../git/command.ts';
import { listWorktrees, nameOf } from '../../git/worktrees.ts';

/** One thing that Tab offers. */
export interface Candidate {
  readonly word: string;
  /** For people, in zsh and fish. */
  readonly meaning?: string;
}

interface Ref {
  readonly name: string;
  /** Absolute path of the worktree that it is checked out in. */
  readonly worktree?: string;
  readonly remote?: string;
  /** For people: `3 days ago`. */
  readonly age: string;
}

const format = ['%(refname)', '%(worktreepath)', '%(committerdate:relative)'].join('%00');

/** The latest first. One git process, and none where there is no repository. */
async function refs(cwd: string, prefixes: readonly string[]): Promise<Ref[]> {
  const { code, stdout } = await git(
    cwd,
    'for-each-ref',
    '--sort=-committerdate',
    `--format=${format}`,
    ...prefixes,
  );
  return code === 0 ? stdout.split('\n').flatMap(refOf) : [];
}

function refOf(line: string): Ref[] {
  const [reference = '', worktree, age = ''] = line.split('\0');
  const [, kind, ...rest] = reference.split('/');
  if (kind === 'heads') return [{ name: rest.join('/'), age, ...(worktree ? { worktree } : {}) }];
  const [remote, ...name] = rest;
  // `origin/HEAD` is another name of a branch.
  if (kind !== 'remotes' || remote === undefined || name.join('/') === 'HEAD') return [];
  return [{ name: name.join('/'), age, remote }];
}

/** Branches, those with a worktree first, then slugs where no branch begins like that; with `remote` those of remotes. */
export async function branchCandidates(
  cwd: string,
  typed: string,
  { remote }: { readonly remote: boolean },
): Promise<Candidate[]> {
  const [found, detached] = await Promise.all([
    refs(cwd, ['refs/heads', ...(remote ? ['refs/remotes'] : [])]),
    detachedNames(cwd),
  ]);
  const local = found.filter((ref) => ref.remote === undefined);
  const names = new Set(local.map(({ name }) => name));
  const others = new Map(
    found.flatMap((ref) => (ref.remote !== undefined && !names.has(ref.name) ? [[ref.name, ref]] : [])),
  );
  const withWorktree = local.filter(({ worktree }) => worktree !== undefined);
  const branches = [
    ...withWorktree,
    ...detached,
    ...local.filter(({ worktree }) => worktree === undefined),
    ...others.values(),
  ].map(candidateOf);
  return withSlugs(branches, [...withWorktree, ...detached], typed);
}

/** Of this repository's worktrees by branch or slug, and every environment by its full name. */
export async function environmentCandidates(cwd: string, typed: string): Promise<Candidate[]> {
  const [here, recorded] = await Promise.all([worktreeCandidates(cwd, typed), recordedEnvironments()]);
  return [...here, ...recorded];
}

/** Worktrees of this repository, by branch or slug. */
export async function worktreeCandidates(cwd: string, typed: string): Promise<Candidate[]> {
  const [found, detached] = await Promise.all([refs(cwd, ['refs/heads']), detachedNames(cwd)]);
  const here = [...found.filter(({ worktree }) => worktree !== undefined), ...detached];
  return withSlugs(here.map(candidateOf), here, typed);
}

/** A slug is a second name of a branch: it helps only a person who began to type it. */
function withSlugs(candidates: readonly Candidate[], named: readonly Ref[], typed: string): Candidate[] {
  if (typed === '' || candidates.some(({ word }) => word.startsWith(typed))) return [...candidates];
  return [
    ...candidates,
    ...named.map(({ name, worktree = '' }) => ({ word: slugOf(name), meaning: `${name} ${worktree}` })),
  ];
}

function candidateOf({ name, worktree, remote, age }: Ref): Candidate {
  if (worktree !== undefined)
    return { word: name, meaning: ['worktree', age].filter((word) => word !== '').join(', ') };
  return { word: name, meaning: remote === undefined ? age : `${age}, of ${remote}` };
}

/** Worktrees without a branch: agents make such. They are called what git calls them. */
async function detachedNames(cwd: string): Promise<Ref[]> {
  const worktrees = await listWorktrees(cwd).catch(() => []);
  return worktrees
    .filter(({ bare, branch, prunable }) => !bare && branch === undefined && prunable === undefined)
    .map((worktree) => ({ name: nameOf(worktree), worktree: worktree.path, age: 'detached' }));
}

/** Every environment that `wt` brought up on this machine, by `app/slug`. */
async function recordedEnvironments(): Promise<Candidate[]> {
  const folder = paths().environments;
  const apps = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    apps.map(async (app) => {
      const files = await readdir(join(folder, app)).catch(() => []);
      return files
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({
          word: environmentName(app, file.slice(0, -'.json'.length)),
          meaning: 'environment',
        }));
    }),
  );
  return found.flat();
}
