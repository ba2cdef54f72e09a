import type { Kube } from '../../cluster/kube/client.ts';
import { type Readiness, readiness } from '../../provider/ready/check.ts';
import type { ReadyInputs } from '../../provider/ready/plan.ts';
import { podsOnly } from './pods.ts';

/** How an environment or the platform stands right now. */
export async function look(ready: ReadyInputs): Promise<Readiness> {
  const { kubeconfig, context } = ready;
  const kube: Kube = (await podsOnly({ kubeconfig, context })) ?? (await connected({ kubeconfig, context }));
  return readiness(kube, ready);
}

async function connected(address: { readonly kubeconfig: string; readonly context: string }): Promise<Kube> {
  return (await import('../../cluster/kube/client.ts')).connect(address);
}
