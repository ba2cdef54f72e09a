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
 * As much of a connection as looking at pods takes, for a kubeconfig whose certificates are in it, as ours are. Loading
 * the whole Kubernetes client takes longer than a quick answer may. Undefined for every other kind of login.
 */
export async function podsOnly(address: KubeAddress): Promise<Kube | undefined> {
  const login = loginOf(parse(await readFile(address.kubeconfig, 'utf8')) as KubeConfig, address.context);
  if (!login) return undefined;
  const listNamespacedPod = (request: {
    namespace: string;
    labelSelector?: string;
    resourceVersion?: string;
  }) => {
    const { namespace, ...query } = request;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${new URLSearchParams(query)}`;
    return get(login, path);
  };
  return { address, core: { listNamespacedPod } } as unknown as Kube;
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
        else reject(new Error(`the API server answers ${response.statusCode}`));
      });
    });
    request.on('timeout', () =>
      request.destroy(new Error(`the API server does not answer within ${TIMEOUT_MS / 1000} s`)),
    );
    request.on('error', reject);
  });
}
