import { isDeepStrictEqual } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
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

/** Makes or corrects the Secret, for pods that run already too. Throws COPPICE_CLUSTER. */
export async function writeAccess(
  kube: Kube,
  { namespace, app, environment }: Pick<DatabaseInputs, 'namespace' | 'app' | 'environment'>,
  access: Access,
): Promise<void> {
  const labels = { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment };
  const body = { metadata: { name, labels }, stringData: { ...access } };
  let before: Access | undefined;
  try {
    await kube.core
      .createNamespacedSecret({ namespace, body, fieldManager })
      .catch(async (error: unknown) => {
        if (statusOf(error) !== 409) throw error;
        before = await readAccess(kube, namespace);
        await kube.core.patchNamespacedSecret({ namespace, name, body, fieldManager }, kube.mergePatch);
      });
  } catch (error) {
    // Not as the cause: the client's error repeats the request.
    throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} cannot be written: ${apiMessage(error)}`, {
      hint: 'run `wt cluster status`',
    });
  }
  if (!isDeepStrictEqual(before, { ...access })) await restartReaders(kube, namespace);
}

/** Somebody deleted or changed it, and a container has what it said when it started. */
async function restartReaders(kube: Kube, namespace: string): Promise<void> {
  const { items } = await kube.core.listNamespacedPod({ namespace, resourceVersion: '0' });
  const names = items.filter(reads).map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(names.map((pod) => unlessGone(kube.core.deleteNamespacedPod({ namespace, name: pod }))));
}

function reads({ spec }: V1Pod): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return containers.some(({ env }) => env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name));
}

export async function removeAccess(kube: Kube, namespace: string): Promise<void> {
  await unlessGone(kube.core.deleteNamespacedSecret({ namespace, name }));
}
