import { isThere } from '../../../core/files.ts';
import { slugOf } from '../../../core/names.ts';
import { paths } from '../../../core/paths.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import { parseFullName } from '../../target/full-name.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import type { Repository } from './repository.ts';

/** An environment by its full name. */
export interface EnvironmentRef {
  readonly app: string;
  readonly slug: string;
}

/** A worktree by what its environments say of it. */
interface Place {
  readonly name: string;
  /** Absolute path of its folder, which may be gone; absent for a branch without a worktree. */
  readonly path?: string;
}

/**
 * The environments of a worktree, from the states on this machine: those that were brought up in its folder, also with
 * `--as`, and those of its branch, unless another worktree has them now. No engine and no cluster is asked, and without
 * any state nothing is loaded.
 */
export async function environmentsOf(place: Place, repository: Repository): Promise<EnvironmentRef[]> {
  const all = await recordedHere(repository);
  const elsewhere = new Set(
    repository.worktrees
      .filter(({ path, prunable }) => path !== place.path && prunable === undefined)
      .map(({ path }) => path),
  );
  return all
    .filter(({ owner, slug }) => {
      if (owner === undefined) return slug === slugOf(place.name);
      if (owner.worktree === place.path) return true;
      return owner.branch === place.name && !elsewhere.has(owner.worktree);
    })
    .map(({ app, slug }) => ({ app, slug }));
}

/** Environments of this repository that have a state here. One that no `up` finished has no owner. */
async function recordedHere({ common, worktrees }: Repository): Promise<RecordedEnvironment[]> {
  if (!(await isThere(paths().pulumiState))) return [];
  const [{ allStacks }, { recorded }] = await Promise.all([
    import('../../engine/index.ts'),
    import('../../target/recorded.ts'),
  ]);
  const stacks = (await allStacks()).filter(({ project }) => project !== 'coppice');
  const found = await Promise.all(
    // A state that cannot be read belongs to nobody that is known; `wt doctor` names it.
    stacks.map(({ project, stack }) => recorded(project, stack).catch(() => undefined)),
  );
  const known = found.flatMap((environment) => environment ?? []);
  const mine = known.filter(({ owner }) => owner !== undefined && isSameRepository(owner.repository, common));
  const unowned = known.filter(({ owner }) => owner === undefined);
  if (unowned.length === 0) return mine;
  const apps = await appsOf(worktrees[0]?.path);
  return [...mine, ...unowned.filter(({ app }) => apps.includes(app))];
}

async function appsOf(folder: string | undefined): Promise<string[]> {
  if (folder === undefined || !(await isThere(folder))) return [];
  const { appsIn } = await import('../../target/specs.ts');
  return (await appsIn(folder)).map(({ app }) => app);
}

/** The environment of a full name, or of a slug in this repository, whose worktree is gone. */
export async function environmentNamed(
  text: string,
  repository: Repository,
): Promise<EnvironmentRef | undefined> {
  const full = parseFullName(text);
  const all = await recordedHere(repository);
  return all.find(({ app, slug }) => (full ? app === full.app && slug === full.slug : slug === text));
}
