import type { Kube } from '../../cluster/kube/client.ts';
import { readSecret, removeSecret, writeSecret } from '../../cluster/kube/environment-secret.ts';
import type { DatabaseKey } from '../../config/spec/references/secrets.ts';
import type { DatabaseInputs } from './contract.ts';

/** Name of the Secret in an environment's namespace, which its pods refer to. */
const name = 'database';

export type Access = Readonly<Record<DatabaseKey, string>>;

/** What pods need to reach a database: every key of the Secret. */
export function accessOf(
  database: string,
  password: string,
  address: { readonly host: string; readonly port: number },
  ssl: boolean,
): Access {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const query = ssl ? '?sslmode=require' : '';
  const login = `${database}:${encodeURIComponent(password)}`;
  return {
    url: `postgres://${login}@${host}:${address.port}/${database}${query}`,
    host: address.host,
    port: String(address.port),
    name: database,
    user: database,
    password,
  };
}

/** The current password of an environment; undefined before the first one, and when its namespace is gone. */
export async function knownPassword(kube: Kube, namespace: string): Promise<string | undefined> {
  return (await readAccess(kube, namespace))?.password;
}

/** All keys of the Secret; undefined when there is none. */
export async function readAccess(kube: Kube, namespace: string): Promise<Access | undefined> {
  return (await readSecret(kube, { namespace, name })) as Access | undefined;
}

/** Creates or updates the Secret, and restarts pods that use an old one. Throws COPPICE_CLUSTER. */
export async function writeAccess(
  kube: Kube,
  { namespace, app, environment }: Pick<DatabaseInputs, 'namespace' | 'app' | 'environment'>,
  access: Access,
): Promise<void> {
  await writeSecret(kube, { name, namespace, app, environment }, access);
}

export async function removeAccess(kube: Kube, namespace: string): Promise<void> {
  await removeSecret(kube, { namespace, name });
}
