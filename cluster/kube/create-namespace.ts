import type { V1Namespace } from '@kubernetes/client-node';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { fieldManager } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import { apiHint } from './api-hint.ts';
import { apiMessage, clusterUid, type Kube, statusOf, unlessGone } from './client.ts';
import { TERMINATION_MS, terminatingError } from './namespace-state.ts';
import { requireSameUid } from './same-cluster.ts';

const LOOK_MS = 100;

export type NamespaceMetadata = Required<
  Pick<NonNullable<V1Namespace['metadata']>, 'labels' | 'annotations'>
>;

/**
 * Creates a namespace with `fresh`, or changes the existing one to what `adopt` returns (which throws when it must not
 * be adopted). Waits for one that is being deleted; two simultaneous callers cannot both create it. Returns its
 * metadata. Throws COPPICE_TERMINATING, COPPICE_CLUSTER.
 */
export function makeOrAdopt(
  kube: Kube,
  name: string,
  fresh: NamespaceMetadata,
  adopt: (there: V1Namespace) => NamespaceMetadata,
  signal: AbortSignal,
): Promise<NamespaceMetadata> {
  const attempt = async (elapsed: number) => {
    if (await created(kube, name, fresh)) return fresh;
    const there = await unlessGone(kube.core.readNamespace({ name }));
    // It disappeared or changed between two requests: the next attempt sees the new state.
    if (there && !there.metadata?.deletionTimestamp) {
      const wanted = adopt(there);
      return (await changedTo(kube, name, there, wanted)) ? wanted : undefined;
    }
    if (elapsed > TERMINATION_MS) throw terminatingError(name, there);
    return undefined;
  };
  return until(attempt, { every: LOOK_MS, signal });
}

async function created(kube: Kube, name: string, metadata: NamespaceMetadata): Promise<boolean> {
  try {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } };
    await kube.core.createNamespace({ body, fieldManager });
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    throw new CoppiceError(
      'COPPICE_CLUSTER',
      `namespace ${name} could not be created: ${apiMessage(error)}`,
      {
        hint: apiHint(error),
        cause: error,
      },
    );
  }
}

/** False when the namespace was changed at the same moment. */
async function changedTo(
  kube: Kube,
  name: string,
  there: V1Namespace,
  wanted: NamespaceMetadata,
): Promise<boolean> {
  try {
    const body = { metadata: { ...wanted, resourceVersion: there.metadata?.resourceVersion } };
    await kube.core.patchNamespace({ name, body, fieldManager }, kube.mergePatch);
    return true;
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 404) return false;
    throw error;
  }
}

/** Throws COPPICE_OTHER_CLUSTER unless this is the recorded cluster, COPPICE_CLUSTER when it does not answer. */
export async function requireCluster(kube: Kube, expected: string): Promise<void> {
  const { kubeconfig, context } = kube.address;
  const actual = await clusterUid(kube).catch((cause) => {
    throw new CoppiceError(
      'COPPICE_CLUSTER',
      `the cluster of context ${context} in ${kubeconfig} does not answer: ${apiMessage(cause)}`,
      { hint: 'run `wt cluster start`', cause, exitCode: ExitCode.unreachable },
    );
  });
  requireSameUid(context, actual, expected);
}
