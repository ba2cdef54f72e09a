import type { V1Namespace } from '@kubernetes/client-node';
import { gt } from 'semver';
import { clusterUid, unlessGone } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { makeOrAdopt, type NamespaceMetadata, requireCluster } from '../../cluster/kube/create-namespace.ts';
import { emptyNamespace } from '../../cluster/kube/empty-namespace.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, Label, managedBy, platformNamespace } from '../../core/labels.ts';
import { changed, type Handler } from '../handler.ts';
import type { PlatformInputs } from './contract.ts';
import { emptyButClaims, hasClaims } from './keep-claims.ts';

/** Its version only moves forward. */
export const platform: Handler<PlatformInputs> = {
  check(news, olds) {
    if (!olds || !gt(olds.version, news.version)) return [];
    const { message, hint } = newerPlatformError(olds.version, news.version);
    return [{ property: 'version', reason: `${message}\n→ ${hint}` }];
  },
  async diff(olds, news) {
    const replaces = changed<PlatformInputs>(olds, news, ['cluster']);
    const details = changed<PlatformInputs>(olds, news, ['version', 'kubeconfig', 'context']);
    return { changes: replaces.length + details.length > 0, replaces };
  },
  async create(inputs, { signal }) {
    return { id: platformNamespace, outputs: await claimPlatform(inputs, signal) };
  },
  async read(_id, state) {
    const kube = await clusterOf(state);
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    const there = await unlessGone(kube.core.readNamespace({ name: platformNamespace }));
    return there && !there.metadata?.deletionTimestamp ? state : undefined;
  },
  update: (_id, _olds, news, { signal }) => claimPlatform(news, signal),
  async delete(_id, state, { signal }) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    const there = await unlessGone(kube.core.readNamespace({ name: platformNamespace }));
    if (there?.metadata?.labels?.[Label.managedBy] !== managedBy) return;
    if (await hasClaims(kube, platformNamespace)) return emptyButClaims(kube, platformNamespace, signal);
    await emptyNamespace(kube, { name: platformNamespace, uid: there.metadata.uid }, signal);
  },
};

async function claimPlatform(inputs: PlatformInputs, signal: AbortSignal): Promise<PlatformInputs> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  const wanted = metadataOf(inputs.version);
  await makeOrAdopt(kube, platformNamespace, wanted, (there) => adopted(there, inputs.version), signal);
  return inputs;
}

function adopted({ metadata }: V1Namespace, version: string): NamespaceMetadata {
  if (metadata?.labels?.[Label.managedBy] !== managedBy) {
    throw new CoppiceError(
      'COPPICE_CLAIMED',
      `the cluster has a namespace ${platformNamespace} that coppice did not create`,
      { hint: 'use another cluster, or rename or remove that namespace' },
    );
  }
  const there = metadata.annotations?.[Annotation.platformVersion];
  if (there !== undefined && gt(there, version)) throw newerPlatformError(there, version);
  return metadataOf(version);
}

function newerPlatformError(there: string, version: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_NEWER_PLATFORM',
    `the platform was created by coppice ${there}, and this is ${version}`,
    { hint: `install coppice ${there} or newer; an older one never touches a newer platform` },
  );
}

function metadataOf(version: string): NamespaceMetadata {
  return {
    labels: { [Label.managedBy]: managedBy },
    annotations: { [Annotation.platformVersion]: version },
  };
}
