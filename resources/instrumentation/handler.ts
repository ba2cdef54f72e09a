import { apiHint } from '../../cluster/kube/api-hint.ts';
import { apiMessage, clusterUid, type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { instrumentationOf } from '../../config/plan/instrumentation.ts';
import { CoppiceError } from '../../core/errors.ts';
import { hashOf } from '../../core/hash.ts';
import { fieldManager, Label, managedBy } from '../../core/labels.ts';
import { changed, type Handler } from '../handler.ts';
import type { InstrumentationInputs } from './contract.ts';
import { type InstrumentationContent, instrumentationFiles } from './files.ts';

export const instrumentation: Handler<InstrumentationInputs> = {
  /** What is in the cluster decides, not the recorded state: so every `up` repairs. */
  async diff(olds, news) {
    const identity = ['cluster', 'namespace', 'language'] as const;
    const replaces = changed<InstrumentationInputs>(olds, news, identity);
    if (replaces.length > 0) return { changes: true, replaces };
    if (changed<InstrumentationInputs>(olds, news, ['kubeconfig', 'context']).length > 0)
      return { changes: true };
    const [found, wanted] = await Promise.all([
      clusterOf(news)
        .then((kube) => contentOf(kube, news))
        .catch(() => undefined),
      instrumentationFiles(news.language),
    ]);
    return { changes: found === undefined || hashOf(found) !== hashOf(wanted) };
  },
  async create(inputs) {
    await write(inputs);
    return { id: `${inputs.namespace}/${nameOf(inputs)}`, outputs: inputs };
  },
  async read(_id, state) {
    const kube = await clusterOf(state);
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    return (await contentOf(kube, state)) && state;
  },
  async update(_id, _olds, news) {
    await write(news);
    return news;
  },
  async delete(_id, state) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    const { namespace } = state;
    await unlessGone(kube.core.deleteNamespacedConfigMap({ namespace, name: nameOf(state) }));
  },
};

function nameOf({ language }: Pick<InstrumentationInputs, 'language'>): string {
  return instrumentationOf[language].name;
}

/** Undefined where it does not exist. */
async function contentOf(
  kube: Kube,
  inputs: Pick<InstrumentationInputs, 'namespace' | 'language'>,
): Promise<InstrumentationContent | undefined> {
  const { namespace } = inputs;
  const found = await unlessGone(kube.core.readNamespacedConfigMap({ namespace, name: nameOf(inputs) }));
  return found && { data: found.data ?? {}, binaryData: found.binaryData ?? {} };
}

/** Throws COPPICE_CLUSTER. */
async function write(inputs: InstrumentationInputs): Promise<void> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  const { namespace, app, environment } = inputs;
  const name = nameOf(inputs);
  const labels = { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment };
  const body = { metadata: { name, labels }, ...(await instrumentationFiles(inputs.language)) };
  try {
    await kube.core
      .createNamespacedConfigMap({ namespace, body, fieldManager })
      .catch(async (error: unknown) => {
        if (statusOf(error) !== 409) throw error;
        await kube.core.replaceNamespacedConfigMap({ namespace, name, body, fieldManager });
      });
  } catch (error) {
    // Not as the cause: the client's error repeats the request.
    throw new CoppiceError('COPPICE_CLUSTER', `ConfigMap ${name} cannot be written: ${apiMessage(error)}`, {
      hint: apiHint(error),
    });
  }
}
