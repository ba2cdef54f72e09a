import { join } from 'node:path';
import { sha256 } from '../hash.ts';
import { paths } from '../paths.ts';
import { realPath } from '../real-path.ts';

/** Below the data folder of coppice; pods mount from it, so the nodes of a cluster must see it. */
export function dumpsFolder(data: string = paths().data): string {
  return join(realPath(data), 'dumps');
}

/**
 * Where the output of a dump command is kept, the same for all worktrees of a repository: they share the template that
 * is made of it. It holds what the real database holds, so it lies where only the user can read.
 */
export function dumpFile(app: string, repository: string, command: string | readonly string[]): string {
  const name = sha256(JSON.stringify([repository, command]), 16);
  return join(dumpsFolder(), app, `${name}.dump`);
}
