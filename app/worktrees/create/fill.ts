import { isThere } from '../../../core/files.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import { type CarryReport, carryFiles } from '../carry/carry.ts';
import { type DependencyReport, prepareDependencies } from '../dependencies/prepare.ts';

/** What a new worktree got from the others, besides what git checks out. */
export interface Filled {
  readonly carried: CarryReport;
  readonly dependencies: DependencyReport;
}

/**
 * Carries ignored files and installed packages into a new worktree: files from the main worktree (in a bare repository,
 * from the current one, or any other), packages, unless they come later, from whichever has the right ones. Throws what `carryFiles` throws.
 */
export async function fillWorktree(
  worktree: string,
  { worktrees, current }: { readonly worktrees: readonly Worktree[]; readonly current?: Worktree },
  ports: Ports,
  { packages }: { readonly packages: boolean },
): Promise<Filled | undefined> {
  const usable = worktrees.filter(({ bare, path }) => !bare && path !== worktree);
  const main = usable.find((one) => one.main);
  const ordered = [main, usable.find(({ path }) => path === current?.path), ...usable].flatMap(
    (one) => one?.path ?? [],
  );
  const there = await Promise.all(ordered.map(isThere));
  const candidates = [...new Set(ordered.filter((_, at) => there[at]))];
  const [from] = candidates;
  if (from === undefined) return undefined;
  const carried = await carryFiles({ from, to: worktree }, ports);
  if (!packages) return { carried, dependencies: { prepared: [], unprepared: [] } };
  return { carried, dependencies: await prepareDependencies({ candidates, to: worktree }, ports) };
}
