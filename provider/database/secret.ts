import { apiMessage, type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import type { DatabaseInputs } from '../../config/database-inputs.ts';
import { CoppiceError } from '../../config/errors.ts';
import { fieldManager, Label, managedBy } from '../../config/labels.ts';
import type { DatabaseKey } from '../../config/references.ts';

/** Name of the Secret in an environment's namespace: its pods know it. */
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

/** The password that an environment has already; undefined before its first, and when its namespace is gone. */
export async function knownPassword(kube: Kube, namespace: string): Promise<string | undefined> {
  return (await readAccess(kube, namespace))?.password;
}

/** All that the Secret says; undefined when there is none. */
export async function readAccess(kube: Kube, namespace: string): Promise<Access | undefined> {
  const secret = await unlessGone(kube.core.readNamespacedSecret({ namespace, name }));
  if (secret?.data === undefined) return undefined;
  const entries = Object.entries(secret.data);
  const text = entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
  return Object.fromEntries(text) as Access;
}

/** Makes or corrects the Secret. Throws COPPICE_CLUSTER. */
export async function writeAccess(
  kube: Kube,
  { namespace, app, environment }: Pick<DatabaseInputs, 'namespace' | 'app' | 'environment'>,
  access: Access,
): Promise<void> {
  const labels = { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment };
  const body = { metadata: { name, labels }, stringData: { ...access } };
  try {
    await kube.core.createNamespacedSecret({ namespace, body, fieldManager }).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error;
      return kube.core.patchNamespacedSecret({ namespace, name, body, fieldManager }, kube.mergePatch);
    });
  } catch (error) {
    // Not as the cause: the client's error repeats the request.
    throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} cannot be written: ${apiMessage(error)}`, {
      hint: 'run `wt cluster status`',
    });
  }
}

export async function removeAccess(kube: Kube, namespace: string): Promise<void> {
  await unlessGone(kube.core.deleteNamespacedSecret({ namespace, name }));
}
