import { realPath } from '../../../core/real-path.ts';
import { isWithin } from '../../../core/within.ts';
import { defaultBranch, listBranches } from '../../../git/branches.ts';
import { integrationOf, integrationTargets } from '../../../git/integration.ts';
import { registrations } from '../../../git/registration.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import { processesIn } from '../../activity/processes.ts';
import { recordedHere } from '../../environments/recorded-here.ts';
import type { Ports } from '../../ports.ts';
import type { Repository } from '../repository.ts';
import { attempt } from './attempt.ts';
import { environmentFacts } from './environment-facts.ts';
import type { Facts } from './facts.ts';
import type { Surroundings } from './worktree-facts.ts';
import { worktreeFacts } from './worktree-facts.ts';

/** So many worktrees are looked at side by side: each needs about ten git processes. */
const WIDTH = 4;

/**
 * Everything that gc knows of a repository before it judges. Changes nothing. Throws what git throws about the repository
 * as a whole; what fails for one worktree or environment is unknown there.
 */
export async function look(repository: Repository, ports: Ports): Promise<Facts> {
  const { common, worktrees } = repository;
  const around = await surroundings(repository, ports.cwd);
  const isMerged = async (name: string) => {
    const tip = around.branches.find((branch) => branch.name === name)?.tip;
    if (tip === undefined) return false;
    return (await integrationOf({ folder: common, tip, targets: around.targets })) !== undefined;
  };
  const [found, environments] = await Promise.all([
    inSmallGroups(worktrees, (worktree) => worktreeFacts(worktree, around)),
    recordedHere(common).then(({ own }) =>
      environmentFacts(
        own,
        { repository: common, worktrees, branches: around.branches.map(({ name }) => name), isMerged },
        ports,
      ),
    ),
  ]);
  return { worktrees: found, environments };
}

async function surroundings({ common, worktrees }: Repository, cwd: string): Promise<Surroundings> {
  const paths = worktrees.map(({ path }) => path);
  const [branches, known, trunk, targets, processes] = await Promise.all([
    listBranches(common),
    registrations(common),
    defaultBranch(common),
    integrationTargets(common),
    attempt(async () => byListedPath(paths, await processesIn(paths.map(realPath)))),
  ]);
  const main = worktrees[0];
  const gitFolders = new Map(known.map(({ path, gitFolder }) => [path, gitFolder]));
  if (main !== undefined) gitFolders.set(main.path, common);
  const current = currentIn(worktrees, cwd);
  return {
    common,
    paths,
    targets,
    branches,
    gitFolders,
    processes,
    ...(current !== undefined && { current }),
    ...(trunk !== undefined && { defaultBranch: trunk }),
  };
}

function byListedPath<T>(paths: readonly string[], found: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map(
    paths.flatMap((path) => {
      const there = found.get(realPath(path));
      return there === undefined ? [] : [[path, there] as const];
    }),
  );
}

/** The innermost worktree around a folder; no process, so that no failure of git hides it. */
function currentIn(worktrees: readonly Worktree[], cwd: string): string | undefined {
  const around = worktrees
    .map(({ path }) => path)
    .filter((path) => isWithin(cwd, path) || isWithin(realPath(cwd), realPath(path)));
  return around.sort((one, other) => other.length - one.length)[0];
}

async function inSmallGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += WIDTH)
    results.push(...(await Promise.all(items.slice(at, at + WIDTH).map(work))));
  return results;
}
