import { basename, dirname, join, relative } from 'node:path';
import type { Output } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { EnvironmentPlan, SqlitePlan } from '../../config/plan/environment-plan.ts';

export interface SqliteDatabaseArgs {
  readonly file: string;
  readonly source?: string;
  readonly uid: number;
  readonly gid: number;
}

/** The database file of a worktree; `resources/sqlite-database/handler.ts` says what it does. */
export class SqliteDatabase extends CustomResource {
  declare readonly origin: Output<string>;
  declare readonly milliseconds: Output<number>;

  constructor(name: string, args: SqliteDatabaseArgs, options: CustomResourceOptions) {
    super(
      'coppice:index:SqliteDatabase',
      name,
      { ...args, origin: undefined, milliseconds: undefined },
      options,
    );
  }
}

/**
 * Which file, and which one it is copied from: the same in the repository's main worktree, whose `.git` is the common
 * folder of them all. A bare repository has no such worktree, so there is nothing to copy.
 */
export function sqliteDatabaseArgs(
  { specFolder, identity }: Pick<EnvironmentPlan, 'specFolder' | 'identity'>,
  { file }: SqlitePlan,
): SqliteDatabaseArgs {
  const { repository, worktree, uid, gid } = identity;
  const main = basename(repository) === '.git' ? dirname(repository) : undefined;
  return {
    file: join(specFolder, file),
    ...(main === undefined ? {} : { source: join(main, relative(worktree, specFolder), file) }),
    uid,
    gid,
  };
}
