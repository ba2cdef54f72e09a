import type { EnvironmentPlan } from '../../config/plan/environment-plan.ts';
import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { managedPlace, platformPlace } from '../../servers/temporal/place.ts';
import type { TemporalInputs } from './contract.ts';

/** What needs to be known of the cluster. */
export type TemporalCluster = Pick<ClusterRecord, 'kubeconfig' | 'context' | 'uid' | 'temporal'>;

/** The relevant part of an environment's plan. */
type PlannedTemporal = Pick<EnvironmentPlan, 'app' | 'slug' | 'namespace'> & {
  readonly identity: Pick<EnvironmentPlan['identity'], 'repository' | 'branch' | 'worktree'>;
  readonly temporal?: EnvironmentPlan['temporal'] | undefined;
};

/**
 * The inputs for an environment with a Temporal namespace; undefined for any other. Throws COPPICE_MANAGED_TEMPORAL.
 */
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
  if (managed === undefined) throw noServerError();
  const name = managed.namespace.replaceAll('{app}', app).replaceAll('{slug}', slug);
  return { ...common, ...owner, server: managedPlace(managed), temporal: { ...temporal, namespace: name } };
}

function noServerError(): CoppiceError {
  return new CoppiceError(
    'COPPICE_MANAGED_TEMPORAL',
    'coppice.yaml has server: managed under temporal, but the settings name no server',
    {
      hint: 'set its address in the settings: {temporal: {managed: {address: "temporal.example.com:7233"}}}',
    },
  );
}
