import { join } from 'node:path';
import { namesIn } from '../../core/files.ts';
import { environmentName } from '../../core/names.ts';
import { paths } from '../../core/paths.ts';
import { identify } from '../../git/identity.ts';
import type { EnvironmentName } from '../target/target.ts';
import { type EnvironmentRecord, readRecord } from './record.ts';

/** What a namespace says about where it was brought up from. */
interface BroughtUpFrom {
  readonly branch: string | undefined;
  readonly worktree: string | undefined;
}

/**
 * What is wrong when the worktree of an environment is on another branch than at its last `up`: pods see the folder,
 * whatever is in it. Undefined when it is on the same one, or git does not tell.
 */
export async function branchProblem({ branch, worktree }: BroughtUpFrom): Promise<string | undefined> {
  if (branch === undefined || worktree === undefined) return undefined;
  const now = await identify(worktree).catch(() => undefined);
  return now === undefined || now.worktree !== worktree ? undefined : switchProblem(branch, now.branch);
}

/** The same with the name of the branch that its worktree is on now. */
export function switchProblem(branch: string, now: string): string | undefined {
  return now === branch
    ? undefined
    : `its worktree is on ${now} now: the files of that branch run on the data of ${branch}, and headers name the commit of the last up`;
}

/** The environments of an app that other branches brought up from the folder that this one is brought up from. */
export async function othersInWorktree({
  app,
  slug,
  branch,
  worktree,
}: Pick<EnvironmentRecord, 'app' | 'slug' | 'branch' | 'worktree'>): Promise<string[]> {
  const files = await namesIn(join(paths().environments, app));
  const slugs = files.flatMap((file) => /^([a-z0-9-]+)\.json$/.exec(file)?.[1] ?? []);
  const records = await Promise.all(slugs.map((other) => readRecord(app, other).catch(() => undefined)));
  return records.flatMap((record) =>
    record !== undefined && record.slug !== slug && record.branch !== branch && record.worktree === worktree
      ? [environmentName(app, record.slug)]
      : [],
  );
}

/** Those of `othersInWorktree` for an environment that was named; none unless a worktree is on its branch. */
export async function switchedFrom(
  { app, slug, branch, specFolder }: EnvironmentName,
  cwd: string,
): Promise<string[]> {
  const here = await identify(specFolder ?? cwd).catch(() => undefined);
  if (here === undefined || here.branch !== branch) return [];
  return othersInWorktree({ app, slug, branch, worktree: here.worktree });
}
