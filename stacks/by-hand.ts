import { existsSync } from 'node:fs';
import { RunError } from '@pulumi/pulumi/errors.js';
import { getProject, getStack } from '@pulumi/pulumi/runtime/settings.js';
import type { EnvironmentPlan } from '../config/plan/plan.ts';
import { loadSettings } from '../config/settings/settings.ts';
import { defined } from '../core/defined.ts';
import { CoppiceError, messageOf } from '../core/errors.ts';
import { type ClusterRecord, readClusterRecord } from '../core/state/cluster-record.ts';
import { requireUncontested } from '../git/contested.ts';
import { takeOverMoved } from '../git/moved.ts';
import { type ClaimedBy, claimedAt } from '../resources/environment/claimed-by.ts';
import { requireFreeHosts } from '../resources/environment/hosts.ts';
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
 * COPPICE_WRONG_STACK when the selected stack belongs to another worktree, COPPICE_CLAIMED when its environment does,
 * COPPICE_HOST when another environment has its host.
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
  await requireWorktree(plan, await claimedNow(record, plan));
  await requireHosts(record, plan);
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

async function requireHosts(record: ClusterRecord, plan: EnvironmentPlan): Promise<void> {
  try {
    await requireFreeHosts(record, plan);
  } catch (error) {
    if (error instanceof CoppiceError) throw error;
  }
}

/** A cluster that does not answer has its own error, at the first resource. */
async function claimedNow(
  { kubeconfig, context }: ClusterRecord,
  { namespace }: EnvironmentPlan,
): Promise<ClaimedBy | undefined> {
  try {
    return await claimedAt({ kubeconfig, context }, namespace);
  } catch {
    return undefined;
  }
}

/**
 * Two worktrees can have one name, and a repository can be moved: the same checks as before `wt up`. Throws
 * COPPICE_CLAIMED.
 *
 * @internal Its test passes what a namespace would say.
 */
export async function requireWorktree(plan: EnvironmentPlan, owner: ClaimedBy | undefined): Promise<void> {
  const { app, slug, identity } = plan;
  const { repository, branch, worktree, commit } = owner ?? {};
  if (repository === undefined || branch === undefined || worktree === undefined) return;
  await takeOverMoved({ app, slug }, { repository, ...defined({ commit }) }, identity);
  await requireUncontested({ app, slug, identity }, { repository, branch, worktree });
}

/** For the engine, which shows the message of a RunError and a stack trace for everything else. */
export function asRunError(error: unknown): Error {
  if (!(error instanceof CoppiceError)) return error instanceof Error ? error : new Error(String(error));
  return new RunError([messageOf(error), ...(error.hint ? [`→ ${error.hint}`] : [])].join('\n'));
}
