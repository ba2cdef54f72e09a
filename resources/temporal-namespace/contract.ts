import type { EnvironmentPlan, TemporalPlan } from '../../config/plan/environment-plan.ts';
import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import { CoppiceError } from '../../core/errors.ts';

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

export type TemporalPlace =
  /** `port`: where it answers on 127.0.0.1; it is reached through the API server when absent. */
  { readonly kind: 'platform'; readonly port?: number } | ManagedTemporal;

/** A server that is not ours. Where keys are found, never the keys. */
export interface ManagedTemporal {
  readonly kind: 'managed';
  /** `host:port` as this machine reaches it. */
  readonly address: string;
  /** `host:port` as pods reach it, if not as this machine does. */
  readonly cluster?: string;
  /** Absent: no TLS, unless there is an API key. */
  readonly tls?: TemporalTls;
  readonly apiKey?: KeySource;
  /** `existing`: namespaces are made and removed by others (Temporal Cloud); ours only looks whether it is there. */
  readonly namespaces: 'create' | 'existing';
}

/** Whether namespaces of that server are made and removed by us, and not by others. */
export function isOursToMake({ server }: Pick<TemporalInputs, 'server'>): boolean {
  return server.kind === 'platform' || server.namespaces === 'create';
}

export type KeySource = { readonly env: string } | { readonly file: string };

export interface TemporalTls {
  /** Name that the server's certificate must have; that of the address when absent. */
  readonly serverName?: string;
  /** Absolute paths of PEM files: the server's authority, this client's certificate and its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What must be known of the cluster: a part of the ClusterRecord of state/. */
export interface TemporalCluster {
  readonly kubeconfig: string;
  readonly context: string;
  readonly uid: string;
  readonly temporal?: { readonly port: number };
}

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
  if (temporal.server === 'platform') {
    const port = cluster.temporal?.port;
    return { ...common, ...owner, server: { kind: 'platform', ...(port && { port }) }, temporal };
  }
  if (managed === undefined) throw unnamed();
  const name = managed.namespace.replaceAll('{app}', app).replaceAll('{slug}', slug);
  return { ...common, ...owner, server: placeOf(managed), temporal: { ...temporal, namespace: name } };
}

function placeOf(settings: ManagedTemporalSettings): ManagedTemporal {
  const { address, cluster, tls, apiKey, namespaces } = settings;
  return {
    kind: 'managed',
    address,
    ...(cluster && { cluster }),
    ...(tls && { tls: definedOf(tls) }),
    ...(apiKey && { apiKey }),
    namespaces,
  };
}

function definedOf({ serverName, ca, cert, key }: NonNullable<ManagedTemporalSettings['tls']>): TemporalTls {
  return {
    ...(serverName !== undefined && { serverName }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
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
