import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { environmentName } from '../../../core/names.ts';
import { watchingGit } from '../../../git/command.ts';
import type { Ports } from '../../ports.ts';
import type { EnvironmentFacts, WorktreeFacts } from './facts.ts';
import type { Judged, Judgement } from './judge.ts';

/** What became of one thing. `refused`: it came to life in the meantime. `not reached`: an earlier one failed. */
export type Outcome =
  | { readonly kind: 'kept' | 'proposed' | 'stopped' | 'with its worktree' }
  /** `undo`: the name for `wt undo`; absent for an environment alone. */
  | { readonly kind: 'deleted'; readonly undo?: string; readonly notes: readonly string[] }
  | { readonly kind: 'refused' | 'failed' | 'not reached'; readonly why: string };

/** What deletes and stops, so that a test can let it fail. */
export interface Hands {
  readonly deleteWorktree: (worktree: WorktreeFacts) => Promise<Outcome>;
  readonly deleteEnvironment: (environment: EnvironmentFacts) => Promise<Outcome>;
  readonly stopEnvironment: (environment: EnvironmentFacts) => Promise<Outcome>;
}

export interface Outcomes {
  /** By the path of the worktree, and by the full name of the environment. */
  readonly of: (thing: Judged<WorktreeFacts> | Judged<EnvironmentFacts>) => Outcome;
  /** Why it ended early. */
  readonly problem?: string;
}

interface Step {
  readonly key: string;
  readonly run: () => Promise<Outcome>;
}

/**
 * Deletes what was judged so, one after the other: worktrees, then environments that lost theirs, then it stops those
 * asleep. After the first failure, and after Ctrl+C, nothing further is touched: what failed may say that the rest was
 * judged wrongly.
 */
export async function carryOut(judgement: Judgement, hands: Hands, ports: Ports): Promise<Outcomes> {
  const steps = stepsOf(judgement, hands);
  const done = new Map<string, Outcome>();
  let problem: string | undefined;
  await interruptible(ports.interrupts, async (signal) => {
    for (const { key, run } of steps) {
      if (signal.aborted) problem ??= 'interrupted';
      if (problem !== undefined) {
        done.set(key, { kind: 'not reached', why: problem });
        continue;
      }
      const { value: outcome, failures } = await watchingGit(() => run().catch(failureOf));
      done.set(key, outcome);
      // Git that broke off may have answered wrongly, whatever became of this one.
      problem = outcome.kind === 'failed' ? outcome.why : failures[0];
    }
  });
  return {
    of: (thing) => done.get(keyOf(thing.facts)) ?? restingOutcome(thing),
    ...(problem !== undefined && { problem }),
  };
}

/** What a dry run says of everything. */
export const proposals: Outcomes = {
  of: (thing) => (thing.verdict.action === 'keep' ? { kind: 'kept' } : { kind: 'proposed' }),
};

function stepsOf({ worktrees, environments }: Judgement, hands: Hands): Step[] {
  const alone = environments.filter(({ facts, verdict }) => verdict.action === 'delete' && isAlone(facts));
  const asleep = environments.filter(({ verdict }) => verdict.action === 'stop');
  return [
    ...worktrees
      .filter(({ verdict }) => verdict.action === 'delete')
      .map(({ facts }) => ({ key: keyOf(facts), run: () => hands.deleteWorktree(facts) })),
    ...alone.map(({ facts }) => ({ key: keyOf(facts), run: () => hands.deleteEnvironment(facts) })),
    ...asleep.map(({ facts }) => ({ key: keyOf(facts), run: () => hands.stopEnvironment(facts) })),
  ];
}

function isAlone({ home }: EnvironmentFacts): boolean {
  return home.kind !== 'worktree';
}

function keyOf(facts: WorktreeFacts | EnvironmentFacts): string {
  return 'path' in facts ? facts.path : environmentName(facts.app, facts.slug);
}

function restingOutcome({ verdict }: Judged<WorktreeFacts> | Judged<EnvironmentFacts>): Outcome {
  return verdict.action === 'delete' ? { kind: 'with its worktree' } : { kind: 'kept' };
}

function failureOf(error: unknown): Outcome {
  // Somebody came back in the meantime.
  if (hasCode(error, 'COPPICE_WORKFLOWS_RUNNING')) return { kind: 'refused', why: messageOf(error) };
  const hint = error instanceof CoppiceError && error.hint !== undefined ? `; ${error.hint}` : '';
  return { kind: 'failed', why: `${messageOf(error)}${hint}` };
}
