import { join } from 'node:path';
import { writeJson } from '../files.ts';
import { paths } from '../paths.ts';
import { markedRepositories } from './moved-repositories.ts';
import { readCache } from './state-file.ts';

/** The repositories in which a verb about worktrees was used, each by the absolute path of git's common directory. */
interface KnownRepositories {
  readonly repositories: readonly string[];
}

const file = () => join(paths().data, 'known-repositories.json');

/**
 * Remembers a repository for `wt list --all`. It is written only when it is new; two at once may forget one of them
 * until the verb is used there again. Never throws: without a home to write to, nothing is remembered.
 */
export async function rememberRepository(repository: string): Promise<void> {
  const known = await remembered();
  if (known.includes(repository)) return;
  await writeJson(file(), { repositories: [...known, repository] } satisfies KnownRepositories).catch(
    () => undefined,
  );
}

/** Those, and the ones that brought an environment up; some may be gone. */
export async function knownRepositories(): Promise<string[]> {
  return [...new Set([...(await remembered()), ...(await markedRepositories())])];
}

async function remembered(): Promise<readonly string[]> {
  return (await readCache<KnownRepositories>(file(), { repositories: 'array' }))?.repositories ?? [];
}
