import { defined } from '../../core/defined.ts';
import type { Owner } from '../../core/owner.ts';
import { environmentContract } from '../../resources/environment/contract.ts';
import { isOfCluster } from '../clusters/forget.ts';
import { projectsWithStack, readStack, resourceOf, type StackState } from '../engine/index.ts';

/** Who claimed an environment, and at which commit (full sha). */
export type RecordedOwner = Pick<Owner, 'repository' | 'branch' | 'worktree'> & { readonly commit?: string };

/** An environment that a stack on this machine records. */
export interface RecordedEnvironment {
  readonly app: string;
  readonly slug: string;
  /** Absent for a stack whose first `up` was killed before it claimed the namespace. */
  readonly owner?: RecordedOwner;
}

/** The environment with this full name; undefined when no stack of ours records one. */
export async function recorded(app: string, slug: string): Promise<RecordedEnvironment | undefined> {
  const state = await readStack({ project: app, stack: slug });
  return state && isOfCluster(state.resources) ? { app, slug, ...ownerIn(state) } : undefined;
}

/** The environments of all apps with this slug. A state that cannot be read belongs to nobody that is known. */
export async function recordedWithSlug(slug: string): Promise<RecordedEnvironment[]> {
  const apps = (await projectsWithStack(slug)).filter((project) => project !== 'coppice');
  const found = await Promise.all(apps.map((app) => recorded(app, slug).catch(() => ({ app, slug }))));
  return found.flatMap((environment) => environment ?? []);
}

function ownerIn(state: StackState): Pick<RecordedEnvironment, 'owner'> {
  const claimed = resourceOf(state, environmentContract);
  if (claimed === undefined) return {};
  const { repository, branch, worktree, commit } = claimed;
  return { owner: { repository, branch, worktree, ...defined({ commit }) } };
}
