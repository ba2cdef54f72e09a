import type { EnvironmentPlan, TemporalPlan } from '../../config/plan/environment-plan.ts';
import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { managedPlace, platformPlace, type TemporalPlace } from '../../servers/temporal/place.ts';

/** Inputs of `coppice:index:TemporalNamespace`: plain data, no key, no contents of a file. */
export interface TemporalInputs {
  /** Path, never contents: the state holds no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system of the cluster that is meant; nothing is made or deleted on another. */
  readonly cluster: string;
  readonly server: TemporalPlace;
  /** Kubernetes namespace of the environment, which gets the Secret `temporal` where the server is managed. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
  readonly temporal: TemporalPlan;
}

/** What must be known of the cluster. */
export type TemporalCluster = Pick<ClusterRecord, 'kubeconfig' | 'context' | 'uid' | 'temporal'>;

/** What decides of an environment's plan. */
type PlannedTemporal = Pick<EnvironmentPlan, 'app' | 'slug' | 'namespace'> & {
  readonly identity: Pick<EnvironmentPlan['identity'], 'repository' | 'branch' | 'worktree'>;
  readonly temporal?: EnvironmentPlan['temporal'] | undefined;
};

/** The inputs for an environment with a Temporal namespace; undefined for every other. Throws COPPICE_MANAGED_TEMPORAL. */
export function temporalInputs(
  plan: PlannedTemporal,
  cluster: TemporalCluster,
  managed?: ManagedTemporalSettings,
): TemporalInputs | undefined {
  const { app, slug, namespace, identity, temporal } = plan;
  if (temporal === undefined) return undefined;
  const { kubeconfig, context, uid } = cluster;
  const { repository, branch, worktree } = identity;
  const common = { kubeconfig, context, cluster: uid, namespace, app, environment: slug };
  const owner = { repository, branch, worktree };
  if (temporal.server === 'platform')
    return { ...common, ...owner, server: platformPlace(cluster), temporal };
  if (managed === undefined) throw unnamed();
  const name = managed.namespace.replaceAll('{app}', app).replaceAll('{slug}', slug);
  return { ...common, ...owner, server: managedPlace(managed), temporal: { ...temporal, namespace: name } };
}

function unnamed(): CoppiceError {
  return new CoppiceError(
    'COPPICE_MANAGED_TEMPORAL',
    'coppice.yaml says server: managed under temporal, and no server is named',
    {
      hint: 'say in the settings where it is: {temporal: {managed: {address: "temporal.example.com:7233"}}}',
    },
  );
}

/**
 * Set to `1` for one run of the engine, the namespace of a stack that goes is left where it is: nobody could count the
 * workflows that run in it. The platform's is then removed as a leftover.
 */
export const leaveTemporal = 'COPPICE_LEAVE_TEMPORAL';
