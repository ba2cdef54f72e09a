import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { parse } from 'yaml';
import type { Kube, KubeAddress } from '../../cluster/kube/client.ts';

/** What is read of a kubeconfig; the format is `v1.Config` of client-go. */
interface KubeConfig {
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: Readonly<Record<string, unknown>>;
  }[];
  readonly users?: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
}

/** Milliseconds for one answer of an API server that is near. */
const TIMEOUT_MS = 3_000;

/**
 * A connection that can look at namespaces, pods and single custom objects, and nothing else. Loading the whole Kubernetes client takes longer
 * than a quick answer may (14 MB of generated code), and an `up` need not change anything itself. Logins that are not
 * certificates in the kubeconfig, as ours are, get the whole client.
 */
export async function lightKube(address: KubeAddress): Promise<Kube> {
  const login = loginOf(parse(await readFile(address.kubeconfig, 'utf8')) as KubeConfig, address.context);
  if (!login) return (await import('../../cluster/kube/client.ts')).connect(address);
  const path = (name: string) => `/api/v1/namespaces/${encodeURIComponent(name)}`;
  const core = {
    readNamespace: ({ name }: { readonly name: string }) => get(login, path(name)),
    listNamespacedPod: ({ namespace, ...query }: { readonly namespace: string } & Record<string, string>) =>
      get(login, `${path(namespace)}/pods?${new URLSearchParams(query)}`),
  };
  const objects = {
    getNamespacedCustomObject: (wanted: CustomObject) => {
      const { group, version, namespace, plural, name } = wanted;
      return get(login, `/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`);
    },
  };
  return { address, core, objects } as unknown as Kube;
}

interface CustomObject {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
}

interface Login {
  readonly server: string;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

function loginOf({ contexts, clusters, users }: KubeConfig, name: string): Login | undefined {
  const context = contexts?.find((one) => one.name === name)?.context;
  const cluster = clusters?.find((one) => one.name === context?.cluster)?.cluster;
  const user = users?.find((one) => one.name === context?.user)?.user;
  const server = cluster?.server;
  const ca = decoded(cluster?.['certificate-authority-data']);
  const cert = decoded(user?.['client-certificate-data']);
  const key = decoded(user?.['client-key-data']);
  if (typeof server !== 'string' || !ca || !cert || !key || cluster?.['proxy-url'] !== undefined)
    return undefined;
  return { server: server.replace(/\/$/, ''), ca, cert, key };
}

function decoded(data: unknown): Buffer | undefined {
  return typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
}

function get({ server, ca, cert, key }: Login, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = {
      ca,
      cert,
      key,
      agent: false as const,
      timeout: TIMEOUT_MS,
      headers: { accept: 'application/json' },
    };
    const request = https.get(`${server}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(JSON.parse(body));
        // `code` and `body` are what the whole client's errors have.
        else
          reject(
            Object.assign(new Error(`the API server answers ${response.statusCode}`), {
              code: response.statusCode,
              body,
            }),
          );
      });
    });
    request.on('timeout', () =>
      request.destroy(new Error(`the API server does not answer within ${TIMEOUT_MS / 1000} s`)),
    );
    request.on('error', reject);
  });
}
