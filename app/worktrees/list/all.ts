import { existsSync } from 'node:fs';
import { paths } from '../../../core/paths.ts';
import { knownRepositories } from '../../../core/state/known-repositories.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import type { Ports } from '../../ports.ts';
import { problemFrom } from './git-columns.ts';
import type { ListedEnvironment, Listing } from './item.ts';
import { listRepository } from './list.ts';

/**
 * Every repository on this machine that coppice knows: in which a verb about worktrees was used, or that has an environment.
 * One that is gone and has no environment is left out. Called with all that is known, each time that there is more.
 */
export async function listAll(
  ports: Pick<Ports, 'cwd' | 'interrupts'>,
  onListings: (listings: readonly Listing[]) => void = () => {},
): Promise<Listing[]> {
  const repositories = unique([...(await knownRepositories()), ...(await ownersOfEnvironments())]);
  const there = repositories.filter((repository) => existsSync(repository)).sort();
  const shown = new Map<string, Listing>();
  const show = () => onListings(there.flatMap((repository) => shown.get(repository) ?? []));
  const found = await Promise.all(
    there.map((repository) =>
      listRepository(repository, ports, (listing) => {
        shown.set(repository, listing);
        show();
      }).catch((error: unknown): Listing => ({ repository, worktrees: [], problem: problemFrom(error) })),
    ),
  );
  return [...found, ...(await withoutRepository(there, ports))];
}

function unique(repositories: readonly string[]): string[] {
  const found: string[] = [];
  for (const one of repositories) if (!found.some((other) => isSameRepository(one, other))) found.push(one);
  return found;
}

/** Of repositories whose stacks are on this machine. */
async function ownersOfEnvironments(): Promise<string[]> {
  if (!existsSync(paths().clusterRecord)) return [];
  return (await import('./environments.ts')).repositoriesOfStacks();
}

/** The environments of repositories that are gone, by the repository. */
async function withoutRepository(
  there: readonly string[],
  ports: Pick<Ports, 'interrupts'>,
): Promise<Listing[]> {
  if (!existsSync(paths().clusterRecord)) return [];
  const [{ environmentStates }, placing] = await Promise.all([
    import('../../environments/states.ts'),
    import('./environments.ts'),
  ]);
  const states = await environmentStates(ports, {
    wanted: (owner) => !there.some((repository) => placing.isOf(repository, owner)),
  });
  if (states.kind !== 'seen') return [];
  const byRepository = new Map<string, ListedEnvironment[]>();
  for (const environment of states.environments) {
    const repository = environment.repository ?? '';
    const orphan = placing.listed(environment, placing.householdOf({ repository, worktrees: [] }));
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), orphan]);
  }
  return [...byRepository].map(([repository, orphans]) => ({ repository, worktrees: [], orphans }));
}
