import { createHash } from 'node:crypto';
import { join } from 'node:path';
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
  const name = createHash('sha256')
    .update(JSON.stringify([repository, command]))
    .digest('hex')
    .slice(0, 16);
  return join(dumpsFolder(), app, `${name}.dump`);
}
