import type { V1Namespace } from '@kubernetes/client-node';
import { Annotation, Label, managedBy } from '../../core/labels.ts';
import type { Owner } from '../../core/owner.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';

/** The owner of an environment. The path of the worktree is not part of it: worktrees are moved. */
export type Claimant = Pick<Owner, 'repository' | 'branch'>;

export type Ownership =
  | { readonly kind: 'ours'; readonly environmentId: string | undefined }
  | { readonly kind: 'another'; readonly owner: Claimant }
  /** Not ours: a namespace with this name was created by others. */
  | { readonly kind: 'foreign' };

/** Whether an existing namespace belongs to this branch. */
export function ownershipOf({ metadata }: V1Namespace, wanted: Claimant): Ownership {
  if (metadata?.labels?.[Label.managedBy] !== managedBy) return { kind: 'foreign' };
  const repository = metadata.annotations?.[Annotation.repository] ?? '(unknown repository)';
  const branch = metadata.annotations?.[Annotation.branch] ?? '(unknown branch)';
  if (!isSameRepository(repository, wanted.repository) || branch !== wanted.branch)
    return { kind: 'another', owner: { repository, branch } };
  return { kind: 'ours', environmentId: metadata.labels[Label.environmentId] };
}

/** `feat/a`, or `feat/a of /src/shop/.git` where the repositories differ. */
export function ownerNames(one: Claimant, other: Claimant): [string, string] {
  if (one.repository === other.repository) return [`branch ${one.branch}`, `branch ${other.branch}`];
  return [`branch ${one.branch} of ${one.repository}`, `branch ${other.branch} of ${other.repository}`];
}
