import { readFile } from 'node:fs/promises';
import { keepingConnections } from '../../core/http.ts';
import type { ApiServer, KubeAddress } from './client.ts';
import { requireHere } from './here.ts';

/** The part we read of a kubeconfig; the format is `v1.Config` of client-go. */
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

/**
 * The API server of a context, whatever its login is: a certificate is read from the kubeconfig, anything else by the
 * whole Kubernetes client. Throws COPPICE_KUBECONFIG, COPPICE_CLUSTER_DOWN.
 */
export async function apiServer(address: KubeAddress): Promise<ApiServer> {
  requireHere(address);
  return (await certificateLogin(address)) ?? (await import('./any-login.ts')).anyLogin(address);
}

/** Undefined for another login, and for a kubeconfig that cannot be read: the whole client says what is wrong with it. */
export async function certificateLogin({ kubeconfig, context }: KubeAddress): Promise<ApiServer | undefined> {
  try {
    const text = await readFile(kubeconfig, 'utf8');
    if (latest?.text === text && latest.context === context) return latest.login;
    const login = loginOf(await configIn(text), context);
    latest = { text, context, login };
    return login;
  } catch {
    return undefined;
  }
}

/** A verb asks several times, and each new connection costs a handshake with certificates. */
let latest:
  | { readonly text: string; readonly context: string; readonly login: ApiServer | undefined }
  | undefined;

/** Ours is JSON. The parser of YAML is loaded for others: it takes longer than a request. */
async function configIn(text: string): Promise<KubeConfig> {
  if (text.startsWith('{')) return JSON.parse(text) as KubeConfig;
  const { parse } = await import('../../config/yaml/parse.ts');
  return parse(text) as KubeConfig;
}

function loginOf({ contexts, clusters, users }: KubeConfig, name: string): ApiServer | undefined {
  const context = contexts?.find((one) => one.name === name)?.context;
  const cluster = clusters?.find((one) => one.name === context?.cluster)?.cluster;
  const user = users?.find((one) => one.name === context?.user)?.user;
  const server = cluster?.server;
  const ca = decoded(cluster?.['certificate-authority-data']);
  const cert = decoded(user?.['client-certificate-data']);
  const key = decoded(user?.['client-key-data']);
  if (typeof server !== 'string' || !ca || !cert || !key || cluster?.['proxy-url'] !== undefined)
    return undefined;
  return { url: server.replace(/\/$/, ''), tls: keepingConnections({ ca, cert, key }) };
}

function decoded(data: unknown): Buffer | undefined {
  return typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
}
