import type {
  EnvironmentPlan,
  InstallPlan,
  PostgresPlan,
  SourcePlan,
} from '../../config/plan/environment-plan.ts';
import { CoppiceError } from '../../core/errors.ts';

/** Inputs of `coppice:index:Database`: plain data, no password, no contents of a file. */
export interface DatabaseInputs {
  /** Path, never contents: the state holds no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system of the cluster that is meant; nothing is made or deleted on another. */
  readonly cluster: string;
  readonly server: ServerPlace;
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

export type ServerPlace =
  /** `port`: where it answers on 127.0.0.1; it is reached through the API server when absent. */
  { readonly kind: 'platform'; readonly port?: number } | ManagedServer;

/** A server that is not ours. Where its URL is found, never the URL. */
export interface ManagedServer {
  readonly kind: 'managed';
  readonly url: { readonly env: string } | { readonly file: string };
  /** Where pods reach it, if not where this machine does. */
  readonly address?: { readonly host: string; readonly port: number };
  /** Role, database and grants are resources of @pulumi/postgresql. */
  readonly resources?: 'postgresql';
}

/** What must be known of the cluster: a part of the ClusterRecord of state/. */
export interface DatabaseCluster {
  readonly kubeconfig: string;
  readonly context: string;
  readonly uid: string;
  readonly mountPath?: string;
  readonly postgres?: { readonly port: number };
  readonly images: Readonly<Record<string, string>>;
}

/** `databases.managed` of the settings. */
export interface ManagedSettings {
  readonly url: ManagedServer['url'];
  readonly cluster?: ManagedServer['address'] | undefined;
  readonly resources?: ManagedServer['resources'] | undefined;
}

/** The inputs for an environment whose database is PostgreSQL; undefined for every other. */
export function databaseInputs(
  plan: EnvironmentPlan,
  cluster: DatabaseCluster,
  managed?: ManagedSettings,
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
  { postgres }: DatabaseCluster,
  managed: ManagedSettings | undefined,
): ServerPlace {
  if (server === 'platform') return { kind: 'platform', ...(postgres && { port: postgres.port }) };
  if (managed === undefined) {
    throw new CoppiceError(
      'COPPICE_MANAGED_DATABASE',
      'coppice.yaml says server: managed, and no server is named',
      {
        hint: 'say in the settings where its URL is found: {databases: {managed: {url: {env: DATABASE_ADMIN_URL}}}}',
      },
    );
  }
  const { url, cluster: address, resources } = managed;
  return { kind: 'managed', url, ...(address && { address }), ...(resources && { resources }) };
}
