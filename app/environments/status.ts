import { callCluster, connectCluster } from '../clusters/connection.ts';
import { readStack } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from '../target/ownership.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import type { TemporalStatus } from '../workflows/observe.ts';
import { temporalOf } from '../workflows/resource.ts';
import { branchProblem } from './branch-now.ts';
import { type ObservedEnvironment, observe } from './observe.ts';

export type EnvironmentState = 'up' | 'stopped' | 'starting' | 'failing';

/** The current state of an environment. `ending`: it was removed, and its namespace is not gone yet. */
export type EnvironmentStatus =
  | { readonly kind: 'absent' | 'ending'; readonly name: EnvironmentName }
  | {
      readonly kind: 'present';
      readonly name: EnvironmentName;
      readonly state: EnvironmentState;
      readonly seen: ObservedEnvironment;
      /** What is wrong with it as a whole, whatever its services are; one sentence each. */
      readonly problems: readonly string[];
      /** Undefined for an environment without a Temporal namespace. */
      readonly temporal: TemporalStatus | undefined;
    };

/** Throws COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and what `nameEnvironment` throws. */
export async function status(target: Target, ports: Ports): Promise<EnvironmentStatus> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const resource = temporalOf(await readStack({ project: name.app, stack: name.slug }));
  const [seen, temporal] = await Promise.all([
    callCluster(record, () => observe(kube, name.namespace, record.http.port)),
    // Only an environment with a namespace pays for gRPC.
    resource &&
      import('../workflows/observe.ts').then(({ observeNamespace }) =>
        observeNamespace(kube, record, resource, ports),
      ),
  ]);
  requireOwn(name, seen);
  if (!seen) return { kind: 'absent', name };
  if (seen.ending) return { kind: 'ending', name };
  const problems = [await branchProblem(seen)].flatMap((problem) => problem ?? []);
  return { kind: 'present', name, state: stateOf(seen), seen, problems, temporal };
}

function stateOf({
  stopped,
  services,
  installs,
}: Pick<ObservedEnvironment, 'stopped' | 'services' | 'installs'>): EnvironmentState {
  if (stopped) return 'stopped';
  if (services.some(({ state }) => state === 'failing')) return 'failing';
  // Services start after their packages are installed, so there may be none yet.
  if (services.length === 0 && installs.some(({ state }) => state !== 'done')) return 'starting';
  // A service with `replicas: 0` wants no pods.
  return services.every(({ state, wanted }) => state === 'ready' || wanted === 0) ? 'up' : 'starting';
}
