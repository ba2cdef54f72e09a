import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { Owner } from '../../core/owner.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';

/** Whose environment a command line can only mean, as it did not write the full name. */
export interface Claimant {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  /** Absent when a slug or `--as` named it: then any branch of the repository will do. */
  readonly branch?: string;
}

/** An environment by name, and who it must belong to. */
interface Named {
  readonly app: string;
  readonly slug: string;
  /** Absent when it was named in full. */
  readonly claimant?: Claimant;
}

/** The owner that a stack, a namespace or a database names, as far as it does. */
type NamedOwner = { readonly [Fact in 'repository' | 'branch']?: Owner[Fact] | undefined };

/**
 * Two repositories can have an app of one name, and two branches one slug. What another one owns is reached by its full
 * name alone. Throws COPPICE_CLAIMED.
 */
export function requireOwn({ app, slug, claimant }: Named, owner: NamedOwner | undefined): void {
  if (claimant === undefined || owner === undefined) return;
  const { repository, branch } = owner;
  const elsewhere =
    repository !== undefined && repository !== '' && !isSameRepository(repository, claimant.repository);
  const another = branch !== undefined && claimant.branch !== undefined && branch !== claimant.branch;
  if (!elsewhere && !another) return;
  const name = environmentName(app, slug);
  const whose = `branch ${branch ?? 'unknown'}${elsewhere ? ` of ${repository}` : ''}`;
  const here =
    claimant.branch === undefined
      ? claimant.repository
      : `branch ${claimant.branch}${elsewhere ? ` of ${claimant.repository}` : ''}`;
  throw new CoppiceError('COPPICE_CLAIMED', `${name} is the environment of ${whose}, and this is ${here}`, {
    hint: `only its full name reaches it, as in \`wt status ${name}\`; \`wt up --as NAME\` creates one for this worktree`,
  });
}
