import { messageOf } from '../../core/errors.ts';
import { environmentState } from '../../resources/ready/check.ts';
import { noDeployment } from '../../resources/ready/judge-service.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { lockState, readStack, type StackName, stackLocks } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from '../target/ownership.ts';
import { type EnvironmentName, nameToLookAt, type Target } from '../target/target.ts';
import { schedulesProblem } from '../workflows/paused.ts';
import { temporalOf } from '../workflows/resource.ts';
import type { TemporalFault, TemporalStatus } from '../workflows/temporal-status.ts';
import { type BranchTrouble, branchTrouble, type Switched, switchedFrom } from './branch-now.ts';
import { changedSinceUp } from './changed.ts';
import { expectationOf } from './expectation.ts';
import { folderProblem } from './folder-now.ts';
import { type ObservedEnvironment, type ObservedService, observe } from './observe.ts';
import { readRecord } from './record.ts';

export type EnvironmentState = 'up' | 'stopped' | 'starting' | 'degraded' | 'failing';

/**
 * `state`: its state is damaged, and no copy is whole. `branch`: its worktree is on another one. `folder`: its pods see one that is gone. `schedules`: its pods are back
 * after a stop, and its Temporal schedules are not. `namespace`: that of Temporal is gone. `workers`: workflows wait,
 * and no worker asks for their tasks.
 */
export interface EnvironmentProblem {
  readonly kind: 'state' | 'branch' | 'folder' | 'schedules' | TemporalFault['kind'];
  /** One sentence. */
  readonly what: string;
  /** What to do, where that depends on more than the kind. */
  readonly fix?: string;
}

/** The current state of an environment. `ending`: it was removed, and its namespace is not gone yet. */
export type EnvironmentStatus =
  | (Switched & {
      readonly kind: 'absent' | 'ending';
      readonly name: EnvironmentName;
    })
  | (Switched & {
      readonly kind: 'present';
      readonly name: EnvironmentName;
      readonly state: EnvironmentState;
      readonly seen: ObservedEnvironment;
      /** What is wrong with it as a whole, whatever its services are. */
      readonly problems: readonly EnvironmentProblem[];
      /** How what is written differs from what is up, one phrase each. */
      readonly changed: readonly string[];
      /** Undefined for an environment without a Temporal namespace. */
      readonly temporal: TemporalStatus | undefined;
    });

/** Throws COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and what `nameToLookAt` throws. */
export async function status(target: Target, ports: Ports): Promise<EnvironmentStatus> {
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const stack = { project: name.app, stack: name.slug };
  const resource = damage === undefined ? temporalOf(await readStack(stack)) : undefined;
  const [found, temporal] = await Promise.all([
    callCluster(record, async () =>
      observe(kube, name.namespace, record.http.port, await expectationOf(name, record)),
    ),
    // Only an environment with a namespace pays for gRPC.
    resource &&
      import('../workflows/observe.ts').then(({ observeNamespace }) =>
        observeNamespace(kube, record, resource, ports),
      ),
  ]);
  requireOwn(name, found);
  // Without its namespace, only the state could say whether there is one.
  if (!found && damage !== undefined) throw damage;
  const switched = await switchedFrom(name, ports.cwd);
  if (!found) return { kind: 'absent', name, ...switched };
  if (found.ending) return { kind: 'ending', name, ...switched };
  const isWorking = await isUpRunning(stack);
  const seen = isWorking ? whileUpRuns(found) : found;
  const [branch, folder, changed] = await Promise.all([
    branchTrouble(name, seen),
    callCluster(record, () => folderProblem(kube, seen, name.specFolder)),
    isWorking ? [] : changedSinceUp(name, await readRecord(name.app, name.slug), seen.worktree),
  ]);
  const problems = await problemsOf({ seen, damage, branch, folder, temporal });
  const state = withProblems(stateOf(seen), problems);
  return { kind: 'present', name, state, seen, problems, ...switched, changed, temporal };
}

/** What was found about an environment as a whole. */
interface Findings {
  readonly seen: ObservedEnvironment;
  /** Why its state cannot be read. */
  readonly damage?: unknown;
  readonly branch: BranchTrouble | undefined;
  readonly folder: string | undefined;
  readonly temporal: TemporalStatus | undefined;
}

/** What is wrong with an environment, whatever its services are: for `wt status` and `wt list` alike. */
export async function problemsOf({
  seen,
  damage,
  branch,
  folder,
  temporal,
}: Findings): Promise<EnvironmentProblem[]> {
  return [
    ...problem('state', damage === undefined ? undefined : messageOf(damage)),
    ...(branch === undefined ? [] : [{ kind: 'branch' as const, ...branch }]),
    ...problem('folder', folder),
    ...problem('schedules', schedulesProblem(seen)),
    // Stopped workers are expected not to ask.
    ...(temporal && !seen.stopped
      ? (await import('../workflows/temporal-status.ts')).temporalFaults(temporal)
      : []),
  ];
}

function problem(kind: EnvironmentProblem['kind'], what: string | undefined): EnvironmentProblem[] {
  return what === undefined ? [] : [{ kind, what }];
}

/** What answers from the files of another branch or folder is not simply up. */
export function withProblems(
  state: EnvironmentState,
  problems: readonly EnvironmentProblem[],
): EnvironmentState {
  return state === 'up' && problems.length > 0 ? 'degraded' : state;
}

/** Whether an `up` (or a `pulumi up` by hand) works on the stack right now. */
export async function isUpRunning(stack: StackName): Promise<boolean> {
  const locks = await stackLocks(stack);
  const states = await Promise.all(locks.map((lock) => lockState(lock)));
  return states.some((state) => state !== 'stale');
}

/** What an `up` has not created yet is not missing. */
export function whileUpRuns(seen: ObservedEnvironment): ObservedEnvironment {
  const services = seen.services.map((service): ObservedService => {
    if (service.reasons[0] !== noDeployment) return service;
    return { ...service, state: 'starting', reasons: ['is not created yet: an up is running'] };
  });
  return { ...seen, services };
}

export function stateOf({
  stopped,
  services,
  installs,
  routes,
}: Pick<ObservedEnvironment, 'stopped' | 'services' | 'installs' | 'routes'>): EnvironmentState {
  if (stopped) return 'stopped';
  // Services start after their packages are installed, so there may be none yet.
  if (services.length === 0 && installs.some(({ state }) => state !== 'done')) return 'starting';
  return environmentState(
    services.map(({ name, state }) => ({ name, state: state === 'stopped' ? 'off' : state })),
    routes,
  );
}
