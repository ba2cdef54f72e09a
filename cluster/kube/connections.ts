import { connect, type Kube, type KubeAddress } from './client.ts';

const connections = new Map<string, Promise<Kube>>();

/** One connection per cluster in the life of this process, which is one run of the engine. */
export function clusterOf({ kubeconfig, context }: KubeAddress): Promise<Kube> {
  const key = `${context}\n${kubeconfig}`;
  let connection = connections.get(key);
  if (!connection) {
    connection = connect({ kubeconfig, context });
    connections.set(key, connection);
  }
  return connection;
}
