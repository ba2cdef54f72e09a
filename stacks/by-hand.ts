import { RunError } from '@pulumi/pulumi/errors.js';
import { getProject, getStack } from '@pulumi/pulumi/runtime/settings.js';
import { CoppiceError, messageOf } from '../config/errors.ts';
import { findSpec, loadSpec } from '../config/load.ts';
import { type EnvironmentPlan, planEnvironment } from '../config/plan.ts';
import { identify } from '../git/identity.ts';
import { type ClusterRecord, readClusterRecord } from '../state/cluster-record.ts';
import { projectFolder } from './project-folder.ts';

export interface ByHandOptions {
  /** Name of the environment where the branch's own is taken, as in `wt up --as NAME`. */
  readonly as?: string;
  /** Profile of coppice.yaml; `local` when absent. */
  readonly profile?: string;
}

/**
 * Plan and cluster for the project that `pulumi` was started in. Throws what is wrong with spec, git or cluster, and
 * COPPICE_WRONG_STACK when the selected stack belongs to another worktree.
 */
export async function planByHand(
  options: ByHandOptions = {},
): Promise<{ plan: EnvironmentPlan; record: ClusterRecord }> {
  const folder = projectFolder();
  const [record, file, identity] = await Promise.all([knownCluster(), findSpec(folder), identify(folder)]);
  const loaded = await loadSpec(file, options.profile === undefined ? {} : { profile: options.profile });
  const plan = planEnvironment(loaded.spec, {
    identity,
    specFolder: loaded.folder,
    profile: loaded.profile,
    httpPort: record.http.port,
    runtimes: record.images,
    ...(options.as === undefined ? {} : { as: options.as }),
    ...(record.mountPath === undefined ? {} : { mountPath: record.mountPath }),
  });
  requireStack(plan, getProject(), getStack());
  return { plan, record };
}

export async function knownCluster(): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record) return record;
  throw new CoppiceError('COPPICE_NO_CLUSTER', 'there is no cluster of coppice', {
    hint: 'run `wt cluster start`, and `eval "$(wt env)"` in this shell',
    exitCode: 3,
  });
}

/** A stack of another worktree would be overwritten with this one's files, and `destroy` would hit that one. */
export function requireStack(plan: EnvironmentPlan, project: string, stack: string): void {
  if (project !== plan.app) {
    throw new CoppiceError(
      'COPPICE_WRONG_PROJECT',
      `Pulumi.yaml names the project ${project}, and coppice.yaml the app ${plan.app}: they must be one`,
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
