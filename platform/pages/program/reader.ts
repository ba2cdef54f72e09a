import type { KubeReader } from '../../../cluster/kube/client.ts';
import type { KubernetesApi } from './kubernetes.ts';

/** The API server as the judgement about services reads it. */
export function readerOf(api: KubernetesApi): KubeReader {
  const namespaced = (namespace: string) => `/api/v1/namespaces/${namespace}`;
  return {
    address: { kubeconfig: '', context: '' },
    core: {
      readNamespace: ({ name }) => api.get(namespaced(name)),
      listNamespacedPod: ({ namespace, ...query }) =>
        api.get(`${namespaced(namespace)}/pods?${new URLSearchParams(query)}`),
      readNamespacedPodLog: ({ namespace, name, tailLines, previous }) => {
        const query = {
          ...(tailLines && { tailLines: `${tailLines}` }),
          ...(previous && { previous: 'true' }),
        };
        return api.getText(`${namespaced(namespace)}/pods/${name}/log?${new URLSearchParams(query)}`);
      },
    },
    apps: {
      listNamespacedDeployment: ({ namespace, ...query }) =>
        api.get(`/apis/apps/v1/namespaces/${namespace}/deployments?${new URLSearchParams(query)}`),
    },
    objects: {
      getNamespacedCustomObject: ({ group, version, namespace, plural, name }) =>
        api.get(`/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`),
    },
  };
}
