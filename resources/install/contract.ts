import type { EnvironmentPlan, InstallPlan, SourcePlan } from '../../config/plan/environment-plan.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

/** Inputs of `coppice:index:Install`: plain data. */
export interface InstallInputs {
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system of the cluster that is meant; nothing is made or deleted on another. */
  readonly cluster: string;
  /** Kubernetes namespace of the environment, which the volume's claim and the Job lie in. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  /** Absolute path of the spec's folder on this machine. */
  readonly folder: string;
  readonly install: InstallPlan;
  readonly source: SourcePlan;
  /** Owner of the worktree, as whom the command runs. */
  readonly uid: number;
  readonly gid: number;
}

/** What must be known of the cluster. */
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

/** What people know it by: the first of the services that it is for. */
export function installName({ services, name }: Pick<InstallPlan, 'services' | 'name'>): string {
  return services[0] ?? name;
}
