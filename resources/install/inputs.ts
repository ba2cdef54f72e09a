import type { EnvironmentPlan, InstallPlan } from '../../config/plan/environment-plan.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { InstallInputs } from './contract.ts';

/** What needs to be known of the cluster. */
export type InstallCluster = Pick<ClusterRecord, 'kubeconfig' | 'context' | 'uid'>;

export function installInputs(
  { app, slug, namespace, specFolder, source, identity }: EnvironmentPlan,
  { kubeconfig, context, uid: cluster }: InstallCluster,
  install: InstallPlan,
): InstallInputs {
  const { uid, gid } = identity;
  const where = { kubeconfig, context, cluster, namespace };
  return { ...where, app, environment: slug, folder: specFolder, install, source, uid, gid };
}

/** Its name for people: the first of its services. */
export function installName({ services, name }: Pick<InstallPlan, 'services' | 'name'>): string {
  return services[0] ?? name;
}
