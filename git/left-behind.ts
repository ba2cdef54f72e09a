import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../core/files.ts';
import { git, gitError } from './command.ts';
import { type LooseCommits, looseCommits } from './unpushed.ts';

const sha = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * Where a detached HEAD was when a checkout or a reset left it, and what `refs/worktree` names: full shas, which go away
 * with their git folder. A commit that was amended or rebased was replaced and not left. Empty where references are not
 * files.
 */
export async function tipsLeftBehind(gitFolder: string): Promise<string[]> {
  const [log, head, own] = await Promise.all([
    readIfPresent(join(gitFolder, 'logs', 'HEAD')),
    readIfPresent(join(gitFolder, 'HEAD')),
    referencesIn(join(gitFolder, 'refs', 'worktree')),
  ]);
  const isDetached = sha.test(head?.trim() ?? '');
  return [...new Set([...own, ...leftIn(log ?? '', isDetached)])];
}

/**
 * The shas at which a detached HEAD was left, by its reflog. Git names the branch that a checkout leaves, and without one
 * the full sha: `checkout: moving from 6158f407… to main`. Any other step was on the same HEAD as the checkout after it.
 *
 * @internal Exported for its test, which passes in what git writes.
 */
export function leftIn(log: string, isDetached: boolean): string[] {
  const left: string[] = [];
  let detached = isDetached;
  for (const line of log.split('\n').reverse()) {
    const [who = '', message = ''] = line.split('\t');
    const before = who.split(' ')[0] ?? '';
    const from = /^checkout: moving from (\S+) to /.exec(message)?.[1];
    if (from !== undefined) detached = sha.test(from);
    const leaves = from !== undefined || message.startsWith('reset: ');
    if (detached && leaves && sha.test(before) && /[1-9a-f]/.test(before)) left.push(before);
  }
  return left;
}

async function referencesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return referencesIn(path);
      const text = ((await readIfPresent(path)) ?? '').trim();
      return sha.test(text) ? [text] : [];
    }),
  );
  return found.flat();
}

/** What keeps commits that were left behind. */
export interface Keeping {
  /** Full shas with what they contain: these are counted by themselves. */
  readonly counted: readonly string[];
  /** Branches that are deleted at the same time keep nothing. */
  readonly branches: readonly string[];
}

/**
 * The commits up to tips that no branch, tag or remote-tracking reference contains. A tip that git has collected since is
 * left out. No process without tips. Throws what `gitError` translates.
 */
export async function commitsLeftBehind(
  folder: string,
  tips: readonly string[],
  { counted, branches }: Keeping,
): Promise<LooseCommits> {
  if (tips.length === 0) return looseCommits('');
  const result = await git(
    folder,
    'log',
    '--no-show-signature',
    '--ignore-missing',
    '--format=%H%x00%s',
    ...tips,
    '--not',
    ...counted,
    ...branches.map((branch) => `--exclude=${branch}`),
    '--branches',
    '--remotes',
    '--tags',
  );
  if (result.code !== 0) throw gitError(folder, result);
  return looseCommits(result.stdout);
}
