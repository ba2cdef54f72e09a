import { basename, dirname, join, relative } from 'node:path';
import type { EnvironmentPlan, SqlitePlan } from '../../config/plan/environment-plan.ts';
import type { SqliteInputs } from './contract.ts';

/**
 * The file and its source: the same file in the repository's main worktree, whose `.git` is the common folder of them
 * all. A bare repository has no such worktree, so there is nothing to copy.
 */
export function sqliteInputs(
  { specFolder, identity }: Pick<EnvironmentPlan, 'specFolder' | 'identity'>,
  { file }: SqlitePlan,
): SqliteInputs {
  const { repository, worktree, uid, gid } = identity;
  const main = basename(repository) === '.git' ? dirname(repository) : undefined;
  return {
    file: join(specFolder, file),
    ...(main === undefined ? {} : { source: join(main, relative(worktree, specFolder), file) }),
    uid,
    gid,
  };
}
