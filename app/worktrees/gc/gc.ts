import { join } from 'node:path';
import { withLock } from '../../../core/lock.ts';
import { rememberRepository } from '../../../core/state/known-repositories.ts';
import { watchingGit } from '../../../git/command.ts';
import type { Touch } from '../../activity/touch.ts';
import type { Ports } from '../../ports.ts';
import { withTask } from '../../screen.ts';
import { repositoryAt } from '../repository.ts';
import { carryOut, type Outcomes, proposals } from './carry-out.ts';
import { judgeClock } from './clock.ts';
import type { Facts } from './facts.ts';
import { handsOf } from './hands.ts';
import { type Judgement, judge } from './judge.ts';
import { momentNow, readLastRun, writeLastRun } from './last-run.ts';
import { look } from './look.ts';

/** What was touched within a day stays: so long a fresh branch looks merged, and a pause looks like an end. */
export const minimumAgeDefault = 86_400_000;

export interface GcOptions {
  readonly apply: boolean;
  /** Milliseconds for which what was touched stays. */
  readonly minimumAge: number;
  /** In the repository that is meant; the current folder when absent. */
  readonly folder?: string;
}

/** What gc found in one repository, and what it did. */
export interface GcReport {
  /** Absolute path of git's common folder. */
  readonly repository: string;
  readonly applied: boolean;
  readonly judgement: Judgement;
  readonly outcomes: Outcomes;
  /** Why ages were counted short. */
  readonly doubt?: string;
  /** Why nothing, or nothing further, was deleted. */
  readonly problem?: string;
}

/**
 * Judges the worktrees and environments of a repository; with `apply` it deletes and stops
 * what it judged so. Two at once wait for each other, and the second one looks again. Throws what git throws about the
 * repository as a whole: then nothing was touched.
 */
export async function gc(options: GcOptions, ports: Ports): Promise<GcReport> {
  const folder = options.folder ?? ports.cwd;
  if (!options.apply) return report(folder, options, ports);
  const { common } = await repositoryAt(folder);
  return withLock(
    join(common, 'coppice', 'gc'),
    () => report(folder, options, ports),
    () => ports.screen.note('another wt gc works in this repository: waiting for it'),
  );
}

async function report(folder: string, options: GcOptions, ports: Ports): Promise<GcReport> {
  const repository = await repositoryAt(folder);
  await rememberRepository(repository.common);
  const { value: facts, failures } = await watchingGit(() =>
    withTask(ports.screen, 'look at worktrees and environments', () =>
      ports.phases.measure('look', () => look(repository, ports)),
    ),
  );
  const lastRun = await readLastRun();
  const clock = judgeClock({ now: momentNow(), signs: signsIn(facts), ...(lastRun && { lastRun }) });
  const judgement = judge(facts, { clock, minimumAge: options.minimumAge });
  await writeLastRun(clock.run);
  const base = {
    repository: repository.common,
    judgement,
    ...(clock.doubt !== undefined && clock.now - clock.until > 3_600_000 && { doubt: clock.doubt }),
  };
  if (!options.apply) return { ...base, applied: false, outcomes: proposals };
  // Git that fails at one place may have answered wrongly at another.
  const [failure] = failures;
  if (failure !== undefined) return { ...base, applied: false, outcomes: proposals, problem: failure };
  const outcomes = await carryOut(judgement, handsOf(repository, ports), ports);
  return { ...base, applied: true, outcomes, ...(outcomes.problem && { problem: outcomes.problem }) };
}

function signsIn({ worktrees, environments }: Facts): number[] {
  return [...worktrees, ...environments]
    .flatMap(({ touches }): readonly Touch[] => ('value' in touches ? touches.value : []))
    .map(({ at }) => at);
}
