import type {
  EnvironmentPlan,
  InstallPlan,
  PostgresPlan,
  SourcePlan,
} from '../../config/plan/environment-plan.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import {
  type ManagedPostgresSettings,
  managedPlace,
  type PostgresPlace,
  platformPlace,
} from '../../servers/postgres/place.ts';

/** Inputs of `coppice:index:Database`: plain data, no password, no contents of a file. */
export interface DatabaseInputs {
  /** Path, never contents: the state holds no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system of the cluster that is meant; nothing is made or deleted on another. */
  readonly cluster: string;
  readonly server: PostgresPlace;
  /** Kubernetes namespace of the environment, which gets the Secret `database`. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
  /** Absolute path of the folder that the plan's files are relative to. */
  readonly folder: string;
  readonly database: PostgresPlan;
  /** How the commands see the worktree's files, and as whom they run. */
  readonly source: SourcePlan;
  /** What the commands need that the host has for another system only; each installs for itself. */
  readonly installs?: readonly InstallPlan[];
  readonly uid: number;
  readonly gid: number;
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Image that has psql and pg_restore; absent in the record of an older coppice. */
  readonly image?: string;
}

/** What must be known of the cluster. */
export type DatabaseCluster = Pick<
  ClusterRecord,
  'kubeconfig' | 'context' | 'uid' | 'mountPath' | 'postgres' | 'images'
>;

/** The inputs for an environment whose database is PostgreSQL; undefined for every other. */
export function databaseInputs(
  plan: EnvironmentPlan,
  cluster: DatabaseCluster,
  managed?: ManagedPostgresSettings,
): DatabaseInputs | undefined {
  const { app, slug, namespace, identity, database, source, installs } = plan;
  if (database?.engine !== 'postgres') return undefined;
  const { kubeconfig, context, uid, mountPath, images } = cluster;
  const { repository, branch, worktree } = identity;
  return {
    kubeconfig,
    context,
    cluster: uid,
    server: placeOf(database, cluster, managed),
    namespace,
    app,
    environment: slug,
    repository,
    branch,
    worktree,
    folder: plan.specFolder,
    database,
    source,
    ...(installs && { installs }),
    uid: identity.uid,
    gid: identity.gid,
    ...(mountPath === undefined ? {} : { mountPath }),
    ...(images.postgres === undefined ? {} : { image: images.postgres }),
  };
}

function placeOf(
  { server }: PostgresPlan,
  cluster: DatabaseCluster,
  managed: ManagedPostgresSettings | undefined,
): PostgresPlace {
  if (server === 'platform') return platformPlace(cluster);
  if (managed === undefined) {
    throw new CoppiceError(
      'COPPICE_MANAGED_DATABASE',
      'coppice.yaml says server: managed, and no server is named',
      {
        hint: 'say in the settings where its URL is found: {databases: {managed: {url: {env: DATABASE_ADMIN_URL}}}}',
      },
    );
  }
  return managedPlace(managed);
}
