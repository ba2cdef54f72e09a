import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../../core/hash.ts';
import { Label } from '../../../core/labels.ts';

/** A pod as the Collector's processor reads it. */
export interface TestPod {
  readonly namespace: string;
  readonly name: string;
  /** An address of loopback: who sends from it is this pod. */
  readonly ip: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A stand-in for the Kubernetes API, which lists and watches pods and their namespaces, and knows nothing else. */
export interface PodsApi {
  /** Text of a kubeconfig that leads to it. */
  readonly kubeconfig: string;
  readonly close: () => Promise<void>;
}

/** Hexadecimal, as the Collector takes nothing else from the path of a log file. */
export const uidOf = ({ namespace, name }: TestPod) => sha256(`${namespace}/${name}`, 32);

export async function startPodsApi(pods: readonly TestPod[]): Promise<PodsApi> {
  const watches = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://api');
    response.setHeader('content-type', 'application/json');
    const list = lists[url.pathname];
    if (list === undefined) response.writeHead(404).end('{}');
    // A client asks for the list as events first, and lists where that is refused.
    else if (url.searchParams.has('sendInitialEvents')) response.writeHead(422).end(refusal);
    else if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200).flushHeaders();
      watches.add(response);
      response.once('close', () => watches.delete(response));
    } else response.end(JSON.stringify(list(pods)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfig(port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const refusal = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Invalid',
  code: 422,
});

const lists: Readonly<Record<string, (pods: readonly TestPod[]) => object>> = {
  '/api/v1/pods': podList,
  '/api/v1/namespaces': namespaceList,
};

/** Each has the labels of its first pod that say which environment it is. */
function namespaceList(pods: readonly TestPod[]) {
  const names = [...new Set(pods.map(({ namespace }) => namespace))];
  return {
    kind: 'NamespaceList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items: names.map((name) => {
      const { [Label.environmentId]: id = '' } =
        pods.find(({ namespace }) => namespace === name)?.labels ?? {};
      return {
        metadata: {
          name,
          uid: sha256(name, 32),
          resourceVersion: '1',
          labels: { [Label.environmentId]: id },
        },
      };
    }),
  };
}

function podList(pods: readonly TestPod[]) {
  return {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items: pods.map(podObject),
  };
}

function podObject(pod: TestPod) {
  const { namespace, name, ip, labels } = pod;
  return {
    metadata: {
      namespace,
      name,
      uid: uidOf(pod),
      resourceVersion: '1',
      labels: { ...labels },
      creationTimestamp: '2026-11-30T00:00:00Z',
    },
    spec: { nodeName: 'node', containers: [{ name: labels?.[Label.service] ?? 'main', image: 'node' }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: '2026-11-30T00:00:00Z' },
  };
}

function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
