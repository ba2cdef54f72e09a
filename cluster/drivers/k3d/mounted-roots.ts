import { isBelow } from '../../../config/plan/source.ts';
import { realPath } from '../../../core/real-path.ts';

/**
 * What the nodes see of this machine: the chosen folders by their real paths, as worktrees are, and the folder of the
 * dumps, from which databases are restored, if none of them contains it.
 */
export function mountedRoots(
  chosen: readonly string[],
  dumps: string,
  real: (path: string) => string = realPath,
): string[] {
  const roots = [...new Set(chosen.map(real))];
  return roots.some((root) => isBelow(dumps, root)) ? roots : [...roots, dumps];
}
