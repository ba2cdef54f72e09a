import { join } from 'node:path';
import { writeJson } from '../core/files.ts';
import { readCache } from '../core/state/state-file.ts';
import { git } from './command.ts';

/** Commits that only one of two histories has. */
export interface Divergence {
  readonly ahead: number;
  readonly behind: number;
}

/** What was counted for one base; it holds for ever, as commits do not change. */
interface Counted {
  /** Full sha. */
  readonly base: string;
  readonly counts: Readonly<Record<string, readonly [ahead: number, behind: number]>>;
}

/**
 * How far each tip is ahead of and behind a base, all full shas, by two git processes for all of them; none where all
 * were counted before. A tip of which git cannot tell (its commits are missing) is left out. `repository`: git's common
 * directory, which keeps what was counted.
 */
export async function divergences(
  repository: string,
  base: string,
  tips: readonly string[],
): Promise<Map<string, Divergence>> {
  const file = join(repository, 'coppice', 'divergence.json');
  const kept = await readCache<Counted>(file, { base: 'string', counts: 'object' });
  const known = new Map(
    Object.entries(kept?.base === base ? kept.counts : {}).map(([tip, [ahead, behind]]) => [
      tip,
      { ahead, behind },
    ]),
  );
  known.set(base, { ahead: 0, behind: 0 });
  const wanted = [...new Set(tips)];
  const missing = wanted.filter((tip) => !known.has(tip));
  if (missing.length === 0) return known;
  for (const [tip, divergence] of await count(repository, base, missing)) known.set(tip, divergence);
  const counts = wanted.flatMap((tip) => {
    const found = known.get(tip);
    return found ? [[tip, [found.ahead, found.behind]] as const] : [];
  });
  // Of a repository that we may not write into it is counted again.
  await writeJson(file, { base, counts: Object.fromEntries(counts) }).catch(() => undefined);
  return known;
}

async function count(
  repository: string,
  base: string,
  tips: readonly string[],
): Promise<Map<string, Divergence>> {
  const shared = await git(repository, 'merge-base', '--octopus', base, ...tips);
  if (shared.code !== 0) return countEach(repository, base, tips);
  const below = shared.stdout.trim();
  const walk = await git(repository, 'rev-list', '--parents', base, ...tips, `^${below}`);
  return walk.code === 0 ? compare(walk.stdout, base, tips) : countEach(repository, base, tips);
}

/**
 * From all commits that are not in everybody's history, each with its parents: what is not listed is common to all.
 *
 * @internal Exported for its test, which passes in what git prints.
 */
export function compare(revList: string, base: string, tips: readonly string[]): Map<string, Divergence> {
  const parents = new Map(
    revList.split('\n').map((line) => {
      const [commit = '', ...others] = line.split(' ');
      return [commit, others] as const;
    }),
  );
  const historyOf = (tip: string) => {
    const seen = new Set<string>();
    const next = [tip];
    for (let commit = next.pop(); commit !== undefined; commit = next.pop()) {
      const before = parents.get(commit);
      if (before === undefined || seen.has(commit)) continue;
      seen.add(commit);
      next.push(...before);
    }
    return seen;
  };
  const ofBase = historyOf(base);
  return new Map(
    tips.map((tip) => {
      const ofTip = historyOf(tip);
      let common = 0;
      for (const commit of ofTip) if (ofBase.has(commit)) common += 1;
      return [tip, { ahead: ofTip.size - common, behind: ofBase.size - common }];
    }),
  );
}

/** For histories without a common commit, and clones that were cut off. */
async function countEach(
  repository: string,
  base: string,
  tips: readonly string[],
): Promise<Map<string, Divergence>> {
  const found = new Map<string, Divergence>();
  for (const tip of tips) {
    const { code, stdout } = await git(repository, 'rev-list', '--count', '--left-right', `${tip}...${base}`);
    const [ahead, behind] = stdout.trim().split('\t').map(Number);
    if (code === 0 && ahead !== undefined && behind !== undefined) found.set(tip, { ahead, behind });
  }
  return found;
}
