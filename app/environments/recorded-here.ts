import { isThere } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';
import type { RecordedEnvironment } from '../target/recorded.ts';

/** Environments that a state on this machine records. */
interface RecordedHere {
  /** Those of the repository. */
  readonly own: readonly RecordedEnvironment[];
  /** Those that no `up` has finished yet, of whatever repository: they have no owner. */
  readonly unowned: readonly RecordedEnvironment[];
}

/** For a repository, by its common folder. Nothing is loaded where there is no state. */
export async function recordedHere(common: string): Promise<RecordedHere> {
  if (!(await isThere(paths().pulumiState))) return { own: [], unowned: [] };
  const [{ allStacks }, { recorded }] = await Promise.all([
    import('../engine/index.ts'),
    import('../target/recorded.ts'),
  ]);
  const stacks = (await allStacks()).filter(({ project }) => project !== 'coppice');
  const found = await Promise.all(
    // A state that cannot be read belongs to nobody that is known; `wt doctor` names it.
    stacks.map(({ project, stack }) => recorded(project, stack).catch(() => undefined)),
  );
  const known = found.flatMap((environment) => environment ?? []);
  return {
    own: known.filter(({ owner }) => owner !== undefined && isSameRepository(owner.repository, common)),
    unowned: known.filter(({ owner }) => owner === undefined),
  };
}
