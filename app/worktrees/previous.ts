import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readCache } from '../../core/state/state-file.ts';

/** A worktree that the shell went to. */
export interface Visited {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** Its branch then; absent when HEAD was detached. */
  readonly branch?: string;
}

interface VisitedFile {
  /** The latest first. */
  readonly visited: readonly Visited[];
}

/** As many as a person remembers. */
const KEPT = 20;

const file = (repository: string) => join(repository, 'coppice', 'visited.json');

/**
 * The worktree that `-` means: the latest that was visited and is not the current one, as `cd -` would have it. The
 * repository is git's common directory; the current path is undefined outside of its worktrees.
 */
export async function previousWorktree(
  repository: string,
  current: string | undefined,
): Promise<Visited | undefined> {
  return (await visited(repository)).find(({ path }) => path !== current);
}

/** Remembers which worktrees the shell leaves and goes to, in this order. Two at once may forget one of them. */
export async function rememberWorktrees(repository: string, ...places: readonly Visited[]): Promise<void> {
  const earlier = await visited(repository);
  const latest = [...places].reverse();
  const others = earlier.filter(({ path }) => !latest.some((place) => place.path === path));
  const list = [...latest, ...others].slice(0, KEPT);
  await mkdir(dirname(file(repository)), { recursive: true });
  await writeFile(file(repository), JSON.stringify({ visited: list } satisfies VisitedFile));
}

async function visited(repository: string): Promise<readonly Visited[]> {
  return (await readCache<VisitedFile>(file(repository), { visited: 'array' }))?.visited ?? [];
}
