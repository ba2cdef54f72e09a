import { type Readiness, readiness } from '../../provider/ready/check.ts';
import type { ReadyInputs } from '../../provider/ready/plan.ts';
import { lightKube } from '../light-kube.ts';

/** How an environment or the platform stands right now. */
export async function look(ready: ReadyInputs): Promise<Readiness> {
  const { kubeconfig, context } = ready;
  return readiness(await lightKube({ kubeconfig, context }), ready);
}
