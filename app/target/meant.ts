import { CoppiceError } from '../../core/errors.ts';
import { environmentName, slugOf } from '../../core/names.ts';
import { knownRepositories } from '../../core/state/known-repositories.ts';
import { nearest } from '../../core/suggest.ts';
import { git } from '../../git/command.ts';
import { identify } from '../../git/identity.ts';
import { allStacks } from '../engine/index.ts';
import { parseFullName } from './full-name.ts';
import { appsIn } from './specs.ts';

/**
 * For a text of which nothing was found: throws COPPICE_NO_ENVIRONMENT where it can only be a full name whose app is in no
 * record, in no coppice.yaml of this repository and in none of a known one. A branch of that name, or one that was
 * deleted here, is meant as such.
 */
export async function requireMeant(environment: string, cwd: string): Promise<void> {
  const full = parseFullName(environment);
  if (full === undefined) return;
  const apps = await knownApps(cwd);
  if (apps.includes(full.app) || (await isOrWasBranch(environment, cwd))) return;
  const best = nearest(full.app, apps) ?? (apps.length === 1 ? apps[0] : undefined);
  throw new CoppiceError(
    'COPPICE_NO_ENVIRONMENT',
    `there is no app ${full.app}, and no branch ${environment}`,
    {
      hint:
        best === undefined
          ? '`wt list --all` shows the environments of this machine'
          : `did you mean "${environmentName(best, full.slug)}"?`,
    },
  );
}

async function knownApps(cwd: string): Promise<string[]> {
  const here = await identify(cwd).catch(() => undefined);
  const [stacks, repositories] = await Promise.all([allStacks(), knownRepositories()]);
  const folders = [...(here === undefined ? [] : [here.worktree]), ...repositories.map(worktreeOf)];
  const specs = await Promise.all(folders.map((folder) => appsIn(folder).catch(() => [])));
  const recorded = stacks.map(({ project }) => project).filter((project) => project !== 'coppice');
  return [...new Set([...specs.flat().map(({ app }) => app), ...recorded])].sort();
}

function worktreeOf(repository: string): string {
  return repository.replace(/\/\.git$/, '');
}

/** What `wt delete` deleted has references of ours for as long as it can be brought back. */
async function isOrWasBranch(name: string, cwd: string): Promise<boolean> {
  const patterns = [
    `refs/heads/${name}`,
    `refs/remotes/*/${name}`,
    `refs/coppice/deleted/${slugOf(name)}-*/*`,
  ];
  const found = await git(cwd, 'for-each-ref', '--count=1', '--format=%(refname)', ...patterns);
  return found.code === 0 && found.stdout !== '';
}
