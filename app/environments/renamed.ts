import { environmentName } from '../../core/names.ts';
import { quote } from '../../core/shell.ts';

/** An environment whose worktree is on a branch of another name, while its own is gone. */
export interface Renamed {
  readonly app: string;
  readonly slug: string;
  /** The branch that it was brought up on. */
  readonly branch: string;
  /** What its worktree is called now. */
  readonly now: string;
}

/** That an environment was left under the old name of its branch. */
export function renamedWords({ branch, now }: Pick<Renamed, 'branch' | 'now'>): string {
  return `its branch ${branch} is gone (renamed or deleted), and its worktree is on ${now} now`;
}

/** What to type then, as commands in that worktree: a claim is by branch, so the old name is needed to go on with it. */
export function renamedFix({ app, slug, branch, now }: Renamed): string {
  const name = environmentName(app, slug);
  const data = `\`wt db fork --from ${name}\` copies its database to that of ${now}`;
  return `\`wt down ${name}\` removes it; ${data}; \`git switch -c ${quote(branch, 'posix')}\` goes on with it`;
}
