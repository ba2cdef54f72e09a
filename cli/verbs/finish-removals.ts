import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../core/paths.ts';
import type { VerbPorts } from '../define.ts';

/** After a verb that reached the cluster: removes what `wt delete` could not while it was down. Costs one look. */
export async function finishRemovals(ports: VerbPorts): Promise<void> {
  if (!existsSync(join(paths().data, 'removals'))) return;
  const later = await import('../../app/worktrees/delete/remove-environments.ts');
  await later.finishRemovals(ports);
}
