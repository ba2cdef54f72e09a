import { Agent, type RequestOptions } from 'node:https';
import type {
  AppsV1Api,
  BatchV1Api,
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  Log,
  PortForward,
  RequestContext,
  V1DeploymentList,
  V1JobList,
  V1Namespace,
  V1NamespaceList,
  V1PersistentVolumeClaimList,
  V1PodList,
} from '@kubernetes/client-node';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { requireHere } from './here.ts';

/** Which cluster: always explicit, never the user's current context. */
export interface KubeAddress {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  readonly context: string;
}

/** An API server, and the login that its kubeconfig has for it: enough for requests of our own. */
export interface ApiServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** For `tls` of a request: authorities, certificate and key, or the header of a token. */
  readonly tls: RequestOptions;
}

/** A connected cluster. */
export interface Kube {
  readonly address: KubeAddress;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly objects: CustomObjectsApi;
  readonly log: Log;
  /** For exec.ts and port-forward.ts: each of these connections is a separate WebSocket. */
  readonly sockets: { exec(): Exec; portForward(): PortForward };
  /** Second argument of a `patch…` call whose body is a JSON merge patch (RFC 7386). */
  readonly mergePatch: ConfigurationOptions;
  /** Second argument of a `patch…` call whose body is a whole object, applied by its field manager. */
  readonly serverSideApply: ConfigurationOptions;
}

/**
 * What reading an environment needs, which light-kube.ts offers without the whole client. Both return the API server's
 * objects; only the whole client turns times into dates.
 */
export interface KubeReader {
  readonly address: KubeAddress;
  readonly core: {
    readNamespace(request: { readonly name: string }): Promise<V1Namespace>;
    listNamespacedPod(request: PodQuery): Promise<V1PodList>;
    readNamespacedPodLog(request: LogQuery): Promise<string>;
  };
  readonly apps: {
    listNamespacedDeployment(request: PodQuery): Promise<V1DeploymentList>;
  };
  readonly objects: {
    /** The object, in the shape that its kind defines. */
    getNamespacedCustomObject(request: CustomObjectPlace): Promise<unknown>;
  };
}

/** Lists of whole clusters, one call a kind: light-kube.ts offers these too. */
export interface KubeLister extends KubeReader {
  readonly core: KubeReader['core'] & {
    listNamespace(request: ListQuery): Promise<V1NamespaceList>;
    listPodForAllNamespaces(request: ListQuery): Promise<V1PodList>;
    listPersistentVolumeClaimForAllNamespaces(request: ListQuery): Promise<V1PersistentVolumeClaimList>;
    /** What the node's kubelet answers at a path. */
    connectGetNodeProxyWithPath(request: { readonly name: string; readonly path: string }): Promise<string>;
  };
  readonly apps: KubeReader['apps'] & {
    listDeploymentForAllNamespaces(request: ListQuery): Promise<V1DeploymentList>;
  };
  readonly batch: {
    listJobForAllNamespaces(request: ListQuery): Promise<V1JobList>;
  };
  readonly objects: KubeReader['objects'] & {
    /** A list of objects, in the shape that their kind defines. */
    listCustomObjectForAllNamespaces(
      request: Pick<CustomObjectPlace, 'group' | 'version' | 'plural'>,
    ): Promise<unknown>;
  };
}

// Types, not interfaces: the parameters become the query of a URL.
export type ListQuery = Omit<PodQuery, 'namespace'>;

export type PodQuery = {
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly resourceVersion?: string;
};

export interface LogQuery {
  readonly namespace: string;
  /** Of the pod. */
  readonly name: string;
  /** The run before the last restart. */
  readonly previous?: boolean;
  /** How many lines from the end. */
  readonly tailLines?: number;
}

export interface CustomObjectPlace {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
}

/** Reads the kubeconfig; does not contact the cluster yet. Throws COPPICE_KUBECONFIG, COPPICE_CLUSTER_DOWN. */
export async function connect(address: KubeAddress): Promise<Kube> {
  requireHere(address);
  const apis = await import('./apis.ts');
  const config = keepConnections(readConfig(new apis.KubeConfig(), address));
  const contentType = (value: string) => apis.setHeaderOptions('Content-Type', value);
  return {
    address,
    core: config.makeApiClient(apis.CoreV1Api),
    apps: config.makeApiClient(apis.AppsV1Api),
    batch: config.makeApiClient(apis.BatchV1Api),
    objects: config.makeApiClient(apis.CustomObjectsApi),
    log: new apis.Log(config),
    sockets: {
      exec: () => new apis.Exec(config),
      portForward: () => new apis.PortForward(config),
    },
    mergePatch: contentType(apis.PatchStrategy.MergePatch),
    serverSideApply: contentType(apis.PatchStrategy.ServerSideApply),
  };
}

/** Throws COPPICE_KUBECONFIG. */
export function readConfig(config: KubeConfig, { kubeconfig, context }: KubeAddress): KubeConfig {
  const hint = 'run `wt cluster status`';
  try {
    config.loadFromFile(kubeconfig);
  } catch (cause) {
    const message = `the kubeconfig ${kubeconfig} cannot be read: ${messageOf(cause)}`;
    throw new CoppiceError('COPPICE_KUBECONFIG', message, { hint, cause });
  }
  if (!config.getContextObject(context)) {
    const message = `the kubeconfig ${kubeconfig} has no context ${context}`;
    throw new CoppiceError('COPPICE_KUBECONFIG', message, { hint });
  }
  config.setCurrentContext(context);
  return config;
}

/**
 * client-node creates a new agent, so a new TLS connection, for every request (config.ts,
 * `applySecurityAuthentication`): 8 ms of handshake on both sides, ten times a second while something waits.
 */
function keepConnections(config: KubeConfig): KubeConfig {
  let kept: Agent | undefined;
  const authenticate = config.applySecurityAuthentication.bind(config);
  config.applySecurityAuthentication = async (request: RequestContext) => {
    await authenticate(request);
    const agent = request.getAgent();
    if (!(agent instanceof Agent) || agent.constructor !== Agent) return;
    kept ??= new Agent({ ...agent.options, keepAlive: true });
    request.setAgent(kept);
  };
  return config;
}

/** HTTP status of an error from the API server, or undefined when it did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** The API server's message, without the headers that the client adds. */
export function apiMessage(error: unknown): string {
  const body = (error as { body?: unknown } | undefined)?.body;
  if (typeof body === 'string') {
    try {
      return (JSON.parse(body) as { message?: string }).message ?? body;
    } catch {
      return body;
    }
  }
  return (body as { message?: string } | undefined)?.message ?? messageOf(error);
}

/** The value, or undefined if the API server reports that it does not exist. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Identity of the cluster itself: the uid of kube-system, created once in a cluster's life. */
export async function clusterUid(kube: KubeReader): Promise<string> {
  const namespace = await kube.core.readNamespace({ name: 'kube-system' });
  return namespace.metadata?.uid ?? '';
}
