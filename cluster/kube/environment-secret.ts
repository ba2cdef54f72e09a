import type { V1Pod } from '@kubernetes/client-node';
import { CoppiceError } from '../../core/errors.ts';
import { fieldManager, Label, managedBy } from '../../core/labels.ts';
import { apiHint } from './api-hint.ts';
import { apiMessage, type Kube, statusOf, unlessGone } from './client.ts';

/** A Secret that carries to an environment's pods what no state may contain: they know its name. */
export interface EnvironmentSecret {
  readonly name: string;
  /** Kubernetes namespace of the environment. */
  readonly namespace: string;
  readonly app: string;
  readonly environment: string;
}

type Texts = Readonly<Record<string, string>>;

/** Its whole content; undefined if it does not exist. */
export async function readSecret(
  kube: Kube,
  { namespace, name }: Pick<EnvironmentSecret, 'namespace' | 'name'>,
): Promise<Texts | undefined> {
  const secret = await unlessGone(kube.core.readNamespacedSecret({ namespace, name }));
  if (secret?.data === undefined) return undefined;
  const entries = Object.entries(secret.data);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

/** Whether it contains exactly this; our pods do not read keys added by others. */
export function contains(found: Texts | undefined, texts: Texts): boolean {
  return found !== undefined && Object.entries(texts).every(([key, text]) => found[key] === text);
}

/** Creates or corrects it, also for running pods. Throws COPPICE_CLUSTER. */
export async function writeSecret(kube: Kube, secret: EnvironmentSecret, texts: Texts): Promise<void> {
  const { name, namespace, app, environment } = secret;
  const labels = { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment };
  const body = { metadata: { name, labels }, stringData: { ...texts } };
  let before: Texts | undefined;
  try {
    await kube.core
      .createNamespacedSecret({ namespace, body, fieldManager })
      .catch(async (error: unknown) => {
        if (statusOf(error) !== 409) throw error;
        before = await readSecret(kube, secret);
        await kube.core.patchNamespacedSecret({ namespace, name, body, fieldManager }, kube.mergePatch);
      });
  } catch (error) {
    // Not as the cause: the client's error repeats the request.
    throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} could not be written: ${apiMessage(error)}`, {
      hint: apiHint(error),
    });
  }
  if (!contains(before, texts)) await restartReaders(kube, secret);
}

/** It was deleted or changed, and a container keeps the values it started with. */
async function restartReaders(kube: Kube, { namespace, name }: EnvironmentSecret): Promise<void> {
  const { items } = await kube.core.listNamespacedPod({ namespace, resourceVersion: '0' });
  const readers = items.filter((pod) => reads(pod, name)).map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(
    readers.map((pod) => unlessGone(kube.core.deleteNamespacedPod({ namespace, name: pod }))),
  );
}

function reads({ spec }: V1Pod, secret: string): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return containers.some(({ env }) => env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === secret));
}

export async function removeSecret(
  kube: Kube,
  { namespace, name }: Pick<EnvironmentSecret, 'namespace' | 'name'>,
): Promise<void> {
  await unlessGone(kube.core.deleteNamespacedSecret({ namespace, name }));
}
