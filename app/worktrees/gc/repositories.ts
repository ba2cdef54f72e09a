import { isThere } from '../../../core/files.ts';
import { knownRepositories, rememberRepository } from '../../../core/state/known-repositories.ts';
import { repositoryAt } from '../repository.ts';

/** The repositories of this machine that wt knows and that are there, that of the current folder first. */
export async function repositoriesHere(cwd: string): Promise<string[]> {
  // Outside of any, the others are meant.
  const here = await repositoryAt(cwd).catch(() => undefined);
  if (here !== undefined) await rememberRepository(here.common);
  const all = [...(here === undefined ? [] : [here.common]), ...(await knownRepositories())];
  const there = await Promise.all(all.map(isThere));
  return [...new Set(all.filter((_, at) => there[at]))];
}
