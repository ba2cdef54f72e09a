import { hasCode } from '../../core/errors.ts';
import { http } from '../../core/http.ts';
import { certificateLogin } from './api-server.ts';
import type { ApiServer, KubeAddress, KubeLister, ListQuery } from './client.ts';
import { requireHere } from './here.ts';

/** Milliseconds for one answer from a nearby API server. */
const TIMEOUT_MS = 3_000;

/**
 * A connection that reads what an environment consists of, and nothing else. Loading the whole Kubernetes
 * client (14 MB of generated code) takes longer than a quick answer may, and an `up` often changes nothing itself.
 * Logins other than certificates in the kubeconfig, as ours are, get the whole client.
 */
export async function lightKube(address: KubeAddress): Promise<KubeLister> {
  requireHere(address);
  const login = await certificateLogin(address);
  if (!login) return (await import('./client.ts')).connect(address);
  const path = (name: string) => `/api/v1/namespaces/${encodeURIComponent(name)}`;
  const list = <T>(kind: string, query: ListQuery) => get<T>(login, `${kind}?${new URLSearchParams(query)}`);
  return {
    address,
    core: {
      readNamespace: ({ name }) => get(login, path(name)),
      listNamespacedPod: ({ namespace, ...query }) =>
        get(login, `${path(namespace)}/pods?${new URLSearchParams(query)}`),
      readNamespacedPodLog: ({ namespace, name, ...query }) =>
        getText(login, `${path(namespace)}/pods/${encodeURIComponent(name)}/log?${queryOf(query)}`),
      listNamespace: (query) => list('/api/v1/namespaces', query),
      listPodForAllNamespaces: (query) => list('/api/v1/pods', query),
      listPersistentVolumeClaimForAllNamespaces: (query) => list('/api/v1/persistentvolumeclaims', query),
      connectGetNodeProxyWithPath: ({ name, path: below }) =>
        getText(login, `/api/v1/nodes/${encodeURIComponent(name)}/proxy/${below}`),
    },
    apps: {
      listNamespacedDeployment: ({ namespace, ...query }) =>
        get(
          login,
          `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments?${new URLSearchParams(query)}`,
        ),
      listDeploymentForAllNamespaces: (query) => list('/apis/apps/v1/deployments', query),
    },
    batch: {
      listJobForAllNamespaces: (query) => list('/apis/batch/v1/jobs', query),
    },
    objects: {
      getNamespacedCustomObject: ({ group, version, namespace, plural, name }) =>
        get(login, `/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`),
      listCustomObjectForAllNamespaces: ({ group, version, plural }) =>
        get(login, `/apis/${group}/${version}/${plural}`),
    },
  };
}

function queryOf(query: object): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
}

async function get<T>(login: ApiServer, path: string): Promise<T> {
  return JSON.parse(await getText(login, path)) as T;
}

async function getText({ url, tls }: ApiServer, path: string): Promise<string> {
  const headers = { accept: 'application/json, */*' };
  const { status, body } = await http(`${url}${path}`, { headers, tls, timeout: TIMEOUT_MS }).catch(
    (error: unknown) => {
      if (!hasCode(error, 'ETIMEDOUT')) throw error;
      throw new Error(`the API server does not answer within ${TIMEOUT_MS / 1000} s`, { cause: error });
    },
  );
  if (status === 200) return body;
  // `code` and `body` as in the whole client's errors.
  throw Object.assign(new Error(`the API server answers ${status}`), { code: status, body });
}
