import { dirname, join, relative } from 'node:path';
import type { Kube, KubeLister } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import { hasCode } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { nameOfHead } from '../../git/head.ts';
import { readyContract } from '../../resources/ready/contract.ts';
import { deservesLook, factsFrom, lookInto, readLogs } from '../../resources/ready/look.ts';
import { readStack, resourceOf, type StackState } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { temporalOf } from '../workflows/resource.ts';
import type { TemporalStatus } from '../workflows/temporal-status.ts';
import { type BranchTrouble, switchProblem } from './branch-now.ts';
import { changedSinceUp } from './changed.ts';
import type { ListedEnvironment } from './cluster-lists.ts';
import { type DatabaseName, databaseIn } from './database-name.ts';
import { expectationFrom } from './expectation.ts';
import { mountProblem } from './folder-now.ts';
import { allServices, askRoutes, judgeEnvironment, type ObservedEnvironment } from './observe.ts';
import { installsFrom } from './observe-installs.ts';
import { reasonsOf } from './reasons.ts';
import { type EnvironmentRecord, readRecord } from './record.ts';
import { type EnvironmentUrl, urlsFrom } from './routes.ts';
import {
  type EnvironmentState,
  isUpRunning,
  problemsOf,
  stateOf,
  whileUpRuns,
  withProblems,
} from './status.ts';

/** Whose an environment is, as its namespace says. */
export interface EnvironmentOwner {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  /** Absolute path of git's common directory. */
  readonly repository?: string;
  readonly branch?: string;
  readonly worktree?: string;
  /** Full sha, at its last `up`. */
  readonly commit?: string;
}

/** An environment as it is now. */
export interface EnvironmentNow extends EnvironmentOwner {
  /** As `wt status` has it; `ending`: it was removed, and its namespace is not gone yet; `unknown`: it cannot be told. */
  readonly state: EnvironmentState | 'ending' | 'unknown';
  /** Why it is not simply up, one sentence each. */
  readonly reasons: readonly string[];
  /** How what is written differs from what is up, one phrase each. */
  readonly changed: readonly string[];
  /** The primary service's first. */
  readonly urls: readonly EnvironmentUrl[];
  readonly database?: DatabaseName;
  /** Bytes that its pods use; absent where the node does not tell. */
  readonly memory?: number;
}

/** Milliseconds for the answer of a route: a list must not wait for the slowest page as long as `wt status` does. */
const ROUTE_MS = 2_000;

/** The cluster that is asked. */
export interface Cluster {
  readonly kube: KubeLister;
  readonly record: ClusterRecord;
  readonly ports: Pick<Ports, 'interrupts'>;
  /** Loaded only for what a list cannot show. */
  readonly whole: () => Promise<Kube>;
}

/**
 * The state of one environment from what the lists of the cluster show of it, judged as `wt status` does. `worktree`: where
 * its worktree is now. Throws what the cluster says.
 */
export async function stateNow(
  cluster: Cluster,
  owner: EnvironmentOwner,
  facts: ListedEnvironment,
  worktree: string | undefined = owner.worktree,
): Promise<EnvironmentNow> {
  const { namespace, routes } = facts;
  const urls = urlsFrom(routes, cluster.record.http.port);
  if (namespace.status?.phase === 'Terminating') {
    const reasons = ['it was removed, and its namespace is ending'];
    return { ...owner, state: 'ending', reasons, changed: [], urls: [] };
  }
  const stack = { project: owner.app, stack: owner.slug };
  const [{ state, damage }, record, isWorking] = await Promise.all([
    stateOfStack(stack),
    readRecord(owner.app, owner.slug),
    isUpRunning(stack),
  ]);
  const specFolder = specFolderIn(worktree, record);
  const [found, temporal] = await Promise.all([
    seenIn(cluster, { facts, urls, state, record, specFolder }),
    temporalStatus(cluster, state),
  ]);
  const seen = isWorking ? whileUpRuns(found) : found;
  const [branch, folder, changed] = await Promise.all([
    branchNow(owner),
    mountProblem(seen, specFolder, async () => ({ items: facts.deployments })),
    isWorking ? [] : changedSinceUp(owner, record, worktree),
  ]);
  const problems = await problemsOf({ seen, damage, branch, folder, temporal });
  return {
    ...owner,
    state: withProblems(stateOf(seen), problems),
    reasons: reasonsOf(seen, problems),
    changed,
    urls,
    ...defined({ database: databaseIn(state) }),
  };
}

/** COPPICE_DAMAGED is a finding: what the cluster shows is known all the same. */
async function stateOfStack(stack: {
  readonly project: string;
  readonly stack: string;
}): Promise<{ readonly state?: StackState; readonly damage?: unknown }> {
  try {
    return defined({ state: await readStack(stack) });
  } catch (damage) {
    if (!hasCode(damage, 'COPPICE_DAMAGED')) throw damage;
    return { damage };
  }
}

interface Sources {
  readonly facts: ListedEnvironment;
  readonly urls: readonly EnvironmentUrl[];
  readonly state: StackState | undefined;
  readonly record: EnvironmentRecord | undefined;
  readonly specFolder: string | undefined;
}

async function seenIn(
  { kube, record: cluster, whole }: Cluster,
  { facts, urls, state, record, specFolder }: Sources,
): Promise<ObservedEnvironment> {
  const { namespace, deployments, pods, claims, jobs } = facts;
  const name = namespace.metadata?.name ?? '';
  const plan = resourceOf(state, readyContract);
  const expected = await expectationFrom({ plan, record, specFolder }, cluster);
  const listed = factsFrom(allServices(expected.services, deployments), pods, deployments);
  const look = async () => {
    const read = await readLogs(kube, name, listed);
    return read.some(deservesLook) ? lookInto(await whole(), name, read) : read;
  };
  const [services, routes] = await Promise.all([look(), askRoutes(expected, urls, ROUTE_MS)]);
  const installs = installsFrom(claims, jobs);
  return judgeEnvironment({ owner: namespace, services, installs, urls, routes }, Date.now());
}

async function temporalStatus(
  { record, ports, whole }: Cluster,
  state: StackState | undefined,
): Promise<TemporalStatus | undefined> {
  const resource = temporalOf(state);
  if (resource === undefined) return undefined;
  const { observeNamespace } = await import('../workflows/observe.ts');
  return observeNamespace(await whole(), record, resource, ports);
}

/** Where the coppice.yaml of an environment is; its worktree's top where that is not recorded. */
function specFolderIn(
  worktree: string | undefined,
  record: EnvironmentRecord | undefined,
): string | undefined {
  if (record?.specFile === undefined || worktree === undefined) return worktree;
  return join(worktree, relative(record.worktree, dirname(record.specFile)));
}

async function branchNow({ branch, worktree }: EnvironmentOwner): Promise<BranchTrouble | undefined> {
  if (branch === undefined || worktree === undefined) return undefined;
  const now = await nameOfHead(worktree);
  const what = now === undefined ? undefined : switchProblem(branch, now);
  return what === undefined ? undefined : { what };
}
