import { join } from 'node:path';
import { sha256 } from '../hash.ts';
import { paths } from '../paths.ts';
import { realPath } from '../real-path.ts';
import { repositoryKey } from './moved-repositories.ts';

/** In coppice's data folder; pods mount from it, so the nodes of a cluster must see it. */
export function dumpsFolder(data: string = paths().data): string {
  return join(realPath(data), 'dumps');
}

/**
 * Where the output of a dump command is kept, shared by all worktrees of a repository, as is the template built from
 * it. It contains real data, so only the user can read it.
 */
export function dumpFile(app: string, repository: string, command: string | readonly string[]): string {
  const name = sha256(JSON.stringify([repositoryKey(repository), command]), 16);
  return join(dumpsFolder(), app, `${name}.dump`);
}
