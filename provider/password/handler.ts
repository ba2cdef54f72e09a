import { randomBytes } from 'node:crypto';
import {
  apiMessage,
  clusterUid,
  type Kube,
  type KubeAddress,
  statusOf,
  unlessGone,
} from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../config/errors.ts';
import { fieldManager, Label, managedBy } from '../../config/labels.ts';
import { clusterOf } from '../clusters.ts';
import { changed, type Handler } from '../handler.ts';
import { requireCluster } from '../namespace/make.ts';

/** Inputs of `coppice:index:Password`. */
export interface PasswordInputs extends KubeAddress {
  /** uid of the namespace kube-system. */
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
}

/**
 * `coppice:index:Password` is a Secret whose key `password` is random, made where it is absent and never changed. As an
 * ordinary resource it would stand in Pulumi's state; this one's state has its name alone.
 */
export const password: Handler<PasswordInputs> = {
  async diff(olds, news) {
    const replaces = changed<PasswordInputs>(olds, news, ['cluster', 'namespace', 'name']);
    const details = changed<PasswordInputs>(olds, news, ['kubeconfig', 'context']);
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
    const absent = await isAbsent(await clusterOf(news), news).catch(() => true);
    return { changes: absent || details.length > 0 };
  },
  async create(inputs) {
    return { id: `${inputs.namespace}/${inputs.name}`, outputs: await make(inputs) };
  },
  async read(_id, state) {
    const kube = await clusterOf(state);
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    return (await isAbsent(kube, state)) ? undefined : state;
  },
  update: (_id, _olds, news) => make(news),
  async delete(_id, { namespace, name, cluster, ...address }) {
    const kube = await clusterOf(address);
    await requireCluster(kube, cluster);
    await unlessGone(kube.core.deleteNamespacedSecret({ namespace, name }));
  },
};

async function isAbsent(
  kube: Kube,
  { namespace, name }: Pick<PasswordInputs, 'namespace' | 'name'>,
): Promise<boolean> {
  return (await unlessGone(kube.core.readNamespacedSecret({ namespace, name }))) === undefined;
}

/** Of two who make it at once the first wins: a password that somebody may have read already stays. */
async function make(inputs: PasswordInputs): Promise<PasswordInputs> {
  const { namespace, name, cluster } = inputs;
  const kube = await clusterOf(inputs);
  await requireCluster(kube, cluster);
  const body = {
    metadata: { name, labels: { [Label.managedBy]: managedBy } },
    // 192 bits in letters, digits, - and _: nothing that a shell, a URL or SQL would have to escape.
    stringData: { password: randomBytes(24).toString('base64url') },
  };
  try {
    await kube.core.createNamespacedSecret({ namespace, body, fieldManager });
  } catch (error) {
    if (statusOf(error) !== 409) {
      // Not as the cause: the client's error repeats the request.
      throw new CoppiceError('COPPICE_CLUSTER', `Secret ${name} cannot be made: ${apiMessage(error)}`, {
        hint: 'run `wt cluster status`',
      });
    }
  }
  return inputs;
}
