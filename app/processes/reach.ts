import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { readSecret } from '../../cluster/kube/environment-secret.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';
import type { HostCollector } from '../../config/plan/telemetry.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import type { TemporalKey } from '../../config/spec/references/secrets.ts';
import { CoppiceError } from '../../core/errors.ts';
import { hostToken } from '../../core/host-token.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { hostPath } from '../../core/telemetry.ts';
import { gatewayTokenName } from '../../platform/collector/names.ts';
import type { Access } from '../../resources/database/secret.ts';
import { reachPart } from '../../servers/reach-part.ts';
import type { Connection } from '../clusters/connection.ts';
import { addressOf } from '../databases/address.ts';
import { environmentLogin } from '../databases/environment-login.ts';
import { urlAt } from '../databases/url.ts';
import { requireOwnNamespace } from '../target/namespace-owner.ts';
import { noEnvironmentError } from '../target/no-environment.ts';
import type { EnvironmentName } from '../target/target.ts';

/** Throws COPPICE_NO_ENVIRONMENT, COPPICE_CLAIMED. */
export async function requireUp(kube: Kube, name: EnvironmentName): Promise<void> {
  await requireOwnNamespace(kube, name);
  const namespace = await unlessGone(kube.core.readNamespace({ name: name.namespace }));
  if (namespace === undefined || namespace.status?.phase === 'Terminating') throw noEnvironmentError(name);
}

/** Something that answers on this machine. */
export interface Reached {
  /** The port that leads there only until `close`; absent for one that stays. */
  readonly held?: number;
  close(): Promise<void>;
}

/** The environment's login, at the address that this machine reaches. */
export async function reachDatabase(
  connection: Connection,
  name: EnvironmentName,
  env: NodeJS.ProcessEnv,
): Promise<Reached & { readonly login: Access }> {
  const login = await environmentLogin(connection.kube, name);
  const address = await addressOf(connection, login.host, env);
  const { host, port, close } = address;
  const held = address.kind === 'forwarded' ? { held: port } : {};
  return { login: { ...login, host, port: String(port), url: urlAt(login, address) }, close, ...held };
}

/** The environment's Temporal namespace, at the address that this machine reaches. */
export async function reachTemporal(
  { kube, record }: Connection,
  { namespace, ...name }: EnvironmentName,
  server: 'platform' | 'managed',
): Promise<Reached & { readonly access: Readonly<Record<TemporalKey, string>> }> {
  if (server === 'platform') {
    const { port, close } = await reachPart(kube, 'temporal', record.temporal?.port);
    const none = { apiKey: '', clientCert: '', clientKey: '', serverCa: '' };
    const held = record.temporal === undefined ? { held: port } : {};
    return { access: { address: `127.0.0.1:${port}`, namespace, tls: 'false', ...none }, close, ...held };
  }
  const access = await readSecret(kube, { namespace, name: 'temporal' });
  if (access === undefined) throw noEnvironmentError(name);
  const here = (await loadSettings()).temporal?.managed?.address;
  const secret = access as Readonly<Record<TemporalKey, string>>;
  return { access: { ...secret, address: here ?? secret.address }, close: async () => {} };
}

/** Where a process of this machine sends its signals, or why they are not kept. */
export interface Collected {
  readonly collector?: HostCollector;
  readonly notCollected?: string;
}

/** Through the gateway on this machine, with a token of the environment. Throws COPPICE_NO_ENVIRONMENT, COPPICE_CLAIMED. */
export async function reachCollector(
  { kube, record }: Connection,
  name: EnvironmentName,
  service: string,
): Promise<Collected> {
  const { namespace } = name;
  const [found, secret] = await Promise.all([
    unlessGone(kube.core.readNamespace({ name: namespace })),
    readSecret(kube, { namespace: platformNamespace, name: gatewayTokenName }),
    requireUp(kube, name),
  ]);
  const environmentId = found?.metadata?.labels?.[Label.environmentId];
  if (environmentId === undefined) throw noEnvironmentError(name);
  if (secret?.password === undefined)
    return { notCollected: 'the platform has no Collector: `wt up` adds it' };
  const endpoint = `http://127.0.0.1:${record.http.port}${hostPath}`;
  const token = hostToken(secret.password, { namespace, environmentId, service });
  return { collector: { endpoint, token } };
}

/** A service without a URL, through the API server. Throws COPPICE_PORT_FORWARD. */
export async function reachService(
  { kube }: Connection,
  { namespace }: EnvironmentName,
  service: string,
): Promise<Reached & { readonly host: string; readonly port: number }> {
  const found = await unlessGone(kube.core.readNamespacedService({ namespace, name: service }));
  const port = found?.spec?.ports?.[0]?.port;
  if (port === undefined)
    throw new CoppiceError('COPPICE_NO_ENVIRONMENT', `${service} is not up, and a variable refers to it`, {
      hint: 'wt up',
    });
  const request = {
    namespace,
    service,
    port,
    patienceMs: 2_000,
    hint: `wt start if it is stopped, or wt logs ${service}`,
  };
  const forwarded = await forwardPort(kube, request);
  return { host: '127.0.0.1', port: forwarded.port, held: forwarded.port, close: forwarded.close };
}
