import { existsSync } from 'node:fs';
import { RunError } from '@pulumi/pulumi/errors.js';
import { getProject, getStack } from '@pulumi/pulumi/runtime/settings.js';
import type { EnvironmentPlan } from '../config/plan/plan.ts';
import { loadSettings } from '../config/settings/settings.ts';
import { CoppiceError, messageOf } from '../core/errors.ts';
import { type ClusterRecord, readClusterRecord } from '../core/state/cluster-record.ts';
import type { EnvironmentProgramArgs } from './environment.ts';
import { projectFolder } from './project-folder.ts';
import { loadWorktree, type ProvideDump, planWorktree, worktreeIn } from './worktree.ts';

export interface ByHandOptions {
  /** Name of the environment if the branch's own is taken, as in `wt up --as NAME`. */
  readonly as?: string;
  /** Profile of coppice.yaml; `local` when absent. */
  readonly profile?: string;
}

/**
 * Plan and cluster for the project in which `pulumi` was started. Throws what is wrong with spec, git or cluster, and
 * COPPICE_WRONG_STACK when the selected stack belongs to another worktree.
 */
export async function planByHand(options: ByHandOptions = {}): Promise<EnvironmentProgramArgs> {
  const folder = projectFolder();
  const [record, subject, settings] = await Promise.all([
    knownCluster(),
    worktreeIn(folder, options),
    loadSettings(),
  ]);
  const plan = await planWorktree(await loadWorktree(subject), record, requireDump);
  requireStack(plan, getProject(), getStack());
  const managed = { managed: settings.databases?.managed, managedTemporal: settings.temporal?.managed };
  return { plan, record, ...managed };
}

/**
 * Only `wt` runs a command that creates a dump: it asks before it runs anything on this machine.
 *
 * @internal Its test passes facts of machines that are not here.
 */
export const requireDump: ProvideDump = async ({ file }) => {
  if (existsSync(file)) return;
  throw new CoppiceError(
    'COPPICE_DUMP',
    'coppice.yaml makes its dump with a command that has not run on this machine yet',
    { hint: 'run `wt db refresh-template`, or `wt up`' },
  );
};

export async function knownCluster(): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record) return record;
  throw new CoppiceError('COPPICE_NO_CLUSTER', 'there is no cluster of coppice', {
    hint: 'run `wt cluster start`, and `eval "$(wt env)"` in this shell',
  });
}

/**
 * A stack of another worktree would be overwritten with this one's files, and `destroy` would destroy the other one.
 *
 * @internal Its test passes facts of machines that are not here.
 */
export function requireStack(plan: EnvironmentPlan, project: string, stack: string): void {
  if (project !== plan.app) {
    throw new CoppiceError(
      'COPPICE_WRONG_PROJECT',
      `Pulumi.yaml names the project ${project}, and coppice.yaml the app ${plan.app}: they must be the same`,
      { hint: `write name: ${plan.app} in Pulumi.yaml` },
    );
  }
  if (stack === plan.slug) return;
  throw new CoppiceError(
    'COPPICE_WRONG_STACK',
    `the stack ${stack} is selected, and this worktree (branch ${plan.identity.branch}) is ${plan.slug}`,
    { hint: `pulumi stack select --create ${plan.slug}` },
  );
}

/** For the engine, which shows the message of a RunError and a stack trace for everything else. */
export function asRunError(error: unknown): Error {
  if (!(error instanceof CoppiceError)) return error instanceof Error ? error : new Error(String(error));
  return new RunError([messageOf(error), ...(error.hint ? [`→ ${error.hint}`] : [])].join('\n'));
}
