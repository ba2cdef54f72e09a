import type { EnvironmentPlan, PostgresPlan } from '../../config/plan/environment-plan.ts';
import type { ManagedPostgresSettings } from '../../config/settings/settings.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { managedPlace, type PostgresPlace, platformPlace } from '../../servers/postgres/place.ts';
import type { DatabaseInputs } from './contract.ts';

/** What needs to be known of the cluster. */
export type DatabaseCluster = Pick<
  ClusterRecord,
  'kubeconfig' | 'context' | 'uid' | 'mountPath' | 'postgres' | 'images'
>;

/** The inputs for an environment whose database is PostgreSQL; undefined for any other. */
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
    ...defined({ installs }),
    uid: identity.uid,
    gid: identity.gid,
    ...defined({ mountPath, image: images.postgres }),
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
      'coppice.yaml has server: managed, but the settings name no server',
      {
        hint: 'set in the settings where to find its URL: {databases: {managed: {url: {env: DATABASE_ADMIN_URL}}}}',
      },
    );
  }
  return managedPlace(managed);
}
