import { randomBytes } from 'node:crypto';
import type { V1Namespace } from '@kubernetes/client-node';
import type { Kube } from '../../cluster/kube/client.ts';
import { unlessGone } from '../../cluster/kube/client.ts';
import { makeOrAdopt, type NamespaceMetadata, requireCluster } from '../../cluster/kube/create-namespace.ts';
import { emptyNamespace } from '../../cluster/kube/empty-namespace.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, Header, Label, managedBy } from '../../core/labels.ts';
import { namespaceName } from '../../core/names.ts';
import type { EnvironmentInputs, EnvironmentOutputs } from './contract.ts';
import { type Claimant, ownerNames, ownershipOf } from './owner.ts';

/**
 * Creates the namespace of an environment, or adopts this branch's existing one, with the id stored on it. Throws
 * COPPICE_CLAIMED when the name belongs to another owner, COPPICE_TERMINATING, COPPICE_OTHER_CLUSTER, COPPICE_CLUSTER.
 */
export async function claim(
  kube: Kube,
  inputs: EnvironmentInputs,
  signal: AbortSignal,
): Promise<EnvironmentOutputs> {
  await requireCluster(kube, inputs.cluster);
  const namespace = namespaceName(inputs.app, inputs.slug);
  const fresh = metadataOf(inputs, randomBytes(4).toString('hex'));
  const { labels } = await makeOrAdopt(kube, namespace, fresh, (there) => adopted(inputs, there), signal);
  return { ...inputs, environmentId: labels[Label.environmentId] ?? '', namespace };
}

/** Removes an environment completely. Throws COPPICE_OTHER_CLUSTER, COPPICE_CLUSTER, COPPICE_TERMINATING. */
export async function release(kube: Kube, state: EnvironmentOutputs, signal: AbortSignal): Promise<void> {
  await requireCluster(kube, state.cluster);
  const { namespace: name, environmentId, httpPort } = state;
  const there = await unlessGone(kube.core.readNamespace({ name }));
  // Deleted by hand, and perhaps recreated by another owner.
  if (there?.metadata?.labels?.[Label.environmentId] !== environmentId) return;
  const place = httpPort === undefined ? undefined : { address: '127.0.0.1', port: httpPort };
  const answers = place && { place, header: Header.environment, includes: environmentId };
  await emptyNamespace(kube, { name, uid: there.metadata.uid }, signal, answers);
}

function adopted(inputs: EnvironmentInputs, there: V1Namespace): NamespaceMetadata {
  const ownership = ownershipOf(there, inputs);
  if (ownership.kind === 'foreign') throw foreignError(there.metadata?.name ?? '');
  if (ownership.kind === 'another') throw claimedError(inputs.slug, ownership.owner, inputs);
  return metadataOf(inputs, ownership.environmentId ?? randomBytes(4).toString('hex'));
}

function metadataOf(inputs: EnvironmentInputs, environmentId: string): NamespaceMetadata {
  return {
    labels: {
      [Label.managedBy]: managedBy,
      [Label.app]: inputs.app,
      [Label.environment]: inputs.slug,
      [Label.environmentId]: environmentId,
    },
    annotations: {
      [Annotation.repository]: inputs.repository,
      [Annotation.branch]: inputs.branch,
      [Annotation.worktree]: inputs.worktree,
      [Annotation.commit]: inputs.commit,
    },
  };
}

/** Two branches can have the same slug, so the same name (`feat/a`, `feat-a`): the first one keeps it. */
export function claimedError(slug: string, owner: Claimant, wanted: Claimant): CoppiceError {
  const [theirs, ours] = ownerNames(owner, wanted);
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `the environment ${slug} belongs to ${theirs}, so ${ours} cannot have it`,
    { hint: 'choose another name with `wt up --as NAME`, or remove that one with `wt down` in its worktree' },
  );
}

function foreignError(namespace: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `a namespace ${namespace} already exists and was not created by coppice`,
    { hint: 'choose another name with `wt up --as NAME`' },
  );
}
