import type { Kube } from '../../cluster/kube/client.ts';
import { contains, readSecret, removeSecret, writeSecret } from '../../cluster/kube/environment-secret.ts';
import type { TemporalKey } from '../../config/spec/references/secrets.ts';
import type { Frontend } from '../../servers/temporal/types.ts';
import type { TemporalInputs } from './contract.ts';

/** Name of the Secret in the namespace of an environment whose server is managed; its pods refer to it. */
const name = 'temporal';

export type TemporalAccess = Readonly<Record<TemporalKey, string>>;

/** What pods need to reach a managed server: every key of the Secret, empty where there is no value. */
export function accessOf({ tls, apiKey }: Frontend, address: string, namespace: string): TemporalAccess {
  return {
    address,
    namespace,
    // With an API key Temporal's SDKs and servers do not accept plain text.
    tls: String(tls !== undefined || apiKey !== undefined),
    apiKey: apiKey ?? '',
    clientCert: tls?.cert ?? '',
    clientKey: tls?.key ?? '',
    serverCa: tls?.ca ?? '',
  };
}

type Environment = Pick<TemporalInputs, 'namespace' | 'app' | 'environment'>;

/** Whether the Secret has exactly these values. */
export async function hasAccess(
  kube: Kube,
  { namespace }: Environment,
  access: TemporalAccess,
): Promise<boolean> {
  return contains(await readSecret(kube, { namespace, name }), access);
}

/** Creates or updates the Secret, and restarts pods that use an old one. Throws COPPICE_CLUSTER. */
export async function writeAccess(
  kube: Kube,
  { namespace, app, environment }: Environment,
  access: TemporalAccess,
): Promise<void> {
  await writeSecret(kube, { name, namespace, app, environment }, access);
}

export async function removeAccess(kube: Kube, { namespace }: Environment): Promise<void> {
  await removeSecret(kube, { namespace, name });
}
