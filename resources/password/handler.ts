import { randomBytes } from 'node:crypto';
import { apiHint } from '../../cluster/kube/api-hint.ts';
import { apiMessage, clusterUid, type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { CoppiceError } from '../../core/errors.ts';
import { fieldManager, Label, managedBy } from '../../core/labels.ts';
import { changed, type Handler } from '../handler.ts';
import type { PasswordInputs } from './contract.ts';

export const password: Handler<PasswordInputs> = {
  async diff(olds, news) {
    const replaces = changed<PasswordInputs>(olds, news, ['cluster', 'namespace', 'name']);
    const details = changed<PasswordInputs>(olds, news, ['kubeconfig', 'context']);
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
    const absent = await isAbsent(await clusterOf(news), news).catch(() => true);
    return { changes: absent || details.length > 0 };
  },
  async create(inputs) {
    await make(await connected(inputs), inputs);
    return { id: `${inputs.namespace}/${inputs.name}`, outputs: inputs };
  },
  async read(_id, state) {
    const kube = await clusterOf(state);
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    return (await isAbsent(kube, state)) ? undefined : state;
  },
  async update(_id, _olds, news) {
    const kube = await connected(news);
    if (!(await make(kube, news))) return news;
    // It had been deleted: its pods read it when they start.
    const labelSelector = `${Label.service}=${news.name}`;
    await kube.core.deleteCollectionNamespacedPod({ namespace: news.namespace, labelSelector });
    return news;
  },
  async delete(_id, state) {
    const { namespace, name } = state;
    await unlessGone((await connected(state)).core.deleteNamespacedSecret({ namespace, name }));
  },
};

async function isAbsent(
  kube: Kube,
  { namespace, name }: Pick<PasswordInputs, 'namespace' | 'name'>,
): Promise<boolean> {
  return (await unlessGone(kube.core.readNamespacedSecret({ namespace, name }))) === undefined;
}

async function connected(inputs: PasswordInputs): Promise<Kube> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  return kube;
}

/** False where it exists: a password that may have been read already stays, even when two create it at once. */
async function make(kube: Kube, { namespace, name }: PasswordInputs): Promise<boolean> {
  const body = {
    metadata: { name, labels: { [Label.managedBy]: managedBy } },
    // 192 bits in letters, digits, - and _: nothing that a shell, a URL or SQL would have to escape.
    stringData: { password: randomBytes(24).toString('base64url') },
  };
  try {
    await kube.core.createNamespacedSecret({ namespace, body, fieldManager });
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    // Not as the cause: the client's error repeats the request.
    throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} cannot be created: ${apiMessage(error)}`, {
      hint: apiHint(error),
    });
  }
}
