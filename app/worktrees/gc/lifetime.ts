import { join } from 'node:path';
import { specFileName } from '../../../config/spec/find.ts';
import { type Lifetime, lifetimeOf } from '../../../config/spec/lifetime.ts';
import { git, gitError } from '../../../git/command.ts';

/**
 * The lifetime that the specs of a worktree say; of several the longest, as all of them go with it. With an app, that of
 * its spec. Throws SpecError while one of them has
 * mistakes: it may say `never`.
 */
export async function lifetimeIn(worktree: string, app?: string): Promise<Lifetime> {
  const files = await specsIn(worktree);
  if (files.length === 0) return lifetimeOf();
  const { loadSpec } = await import('../../../config/spec/load.ts');
  const specs = await Promise.all(files.map((file) => loadSpec(file)));
  const own = app === undefined ? specs : specs.filter(({ spec }) => spec.name === app);
  return longest(own.map(({ spec }) => lifetimeOf(spec.lifetime)));
}

async function specsIn(worktree: string): Promise<string[]> {
  const result = await git(
    worktree,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
    '--',
    `:(top,glob)**/${specFileName}`,
  );
  if (result.code !== 0) throw gitError(worktree, result);
  return result.stdout
    .split('\0')
    .filter((file) => file !== '')
    .map((file) => join(worktree, file));
}

function longest(lifetimes: readonly Lifetime[]): Lifetime {
  const [first = lifetimeOf(), ...others] = lifetimes;
  return others.reduce(
    (one, other) => ({
      ...longer('sleepAfter', one.sleepAfter, other.sleepAfter),
      ...longer('deleteAfter', one.deleteAfter, other.deleteAfter),
    }),
    first,
  );
}

function longer(name: keyof Lifetime, one: number | undefined, other: number | undefined): Lifetime {
  return one === undefined || other === undefined ? {} : { [name]: Math.max(one, other) };
}
