import type { V1Namespace } from '@kubernetes/client-node';
import { CoppiceError } from '../../core/errors.ts';
import { until } from '../../core/until.ts';
import { type KubeReader, unlessGone } from './client.ts';

/** How long a namespace of that name may take to disappear; the namespace controller holds each for 5 s. */
export const TERMINATION_MS = 90_000;
const LOOK_MS = 100;

/** `ending`: it is being deleted; `absent`: the cluster has none of that name. */
export type NamespaceState = 'live' | 'ending' | 'absent';

/** What the cluster has under a namespace's name. Throws when the API does not answer. */
export async function namespaceState(kube: KubeReader, name: string): Promise<NamespaceState> {
  return stateOf(await unlessGone(kube.core.readNamespace({ name })));
}

/** Waits for the end of one that is being deleted. Throws COPPICE_TERMINATING when it does not end. */
export async function untilNotEnding(
  kube: KubeReader,
  name: string,
  signal: AbortSignal,
): Promise<NamespaceState> {
  const there = await until(() => unlessGone(kube.core.readNamespace({ name })), {
    done: (there) => stateOf(there) !== 'ending',
    every: LOOK_MS,
    within: TERMINATION_MS,
    late: (there) => terminatingError(name, there),
    signal,
  });
  return stateOf(there);
}

function stateOf(there: V1Namespace | undefined): NamespaceState {
  if (there === undefined) return 'absent';
  return there.metadata?.deletionTimestamp === undefined ? 'live' : 'ending';
}

/** COPPICE_TERMINATING, with what holds it. */
export function terminatingError(namespace: string, there: V1Namespace | undefined): CoppiceError {
  const conditions = there?.status?.conditions?.filter(({ status }) => status === 'True') ?? [];
  const why = conditions.map(({ message }) => message).filter(Boolean);
  const finalizers = [...(there?.spec?.finalizers ?? []), ...(there?.metadata?.finalizers ?? [])].join(', ');
  return new CoppiceError(
    'COPPICE_TERMINATING',
    [`namespace ${namespace} is still being deleted (finalizers: ${finalizers || 'none'})`, ...why].join(
      '\n  ',
    ),
    { hint: `find out what holds it with \`kubectl get namespace ${namespace} -o yaml\`` },
  );
}
