import { lightKube } from '../../cluster/kube/light-kube.ts';
import { namespaceState, untilNotEnding } from '../../cluster/kube/namespace-state.ts';
import { interruptible } from '../../core/interrupts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readStack, type StackName } from '../engine/index.ts';
import type { Ports } from '../ports.ts';

/**
 * Whether a stack records resources although the cluster has no namespace for them: then the engine has to compare. One
 * that is ending is waited for, as what it still contains is about to go. Throws COPPICE_TERMINATING,
 * COPPICE_INTERRUPTED.
 */
export async function hasLostNamespace(
  stack: StackName,
  namespace: string,
  { kubeconfig, context }: Pick<ClusterRecord, 'kubeconfig' | 'context'>,
  { interrupts, screen }: Pick<Ports, 'interrupts' | 'screen'>,
): Promise<boolean> {
  const kube = await lightKube({ kubeconfig, context });
  let state = await namespaceState(kube, namespace);
  if (state === 'ending') {
    screen.note(`waiting for namespace ${namespace}, which is being removed`);
    state = await interruptible(interrupts, (signal) => untilNotEnding(kube, namespace, signal));
  }
  return state === 'absent' && ((await readStack(stack))?.resources.length ?? 0) > 0;
}
