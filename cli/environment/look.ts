import type { Readiness } from '../../provider/ready/check.ts';
import type { ReadyInputs } from '../../provider/ready/plan.ts';

/** How an environment or the platform stands right now; the Kubernetes client is loaded only here. */
export async function look(ready: ReadyInputs): Promise<Readiness> {
  const [{ connect }, { readiness }] = await Promise.all([
    import('../../cluster/kube/client.ts'),
    import('../../provider/ready/check.ts'),
  ]);
  return readiness(await connect({ kubeconfig: ready.kubeconfig, context: ready.context }), ready);
}
