import { lightKube } from '../../cluster/kube/light-kube.ts';
import { type Readiness, readiness } from '../../resources/ready/check.ts';
import { type ReadyInputs, readyContract } from '../../resources/ready/contract.ts';
import { readStack, resourceOf, type StackName } from '../engine/index.ts';

/** What the last `up`, by `wt` or by hand, waited for; undefined when there was none. */
export async function readyPlanOf(stack: StackName): Promise<ReadyInputs | undefined> {
  return resourceOf(await readStack(stack), readyContract);
}

/** Whether an environment or the platform is ready right now. */
export async function checkReadiness(ready: ReadyInputs): Promise<Readiness> {
  const { kubeconfig, context } = ready;
  return readiness(await lightKube({ kubeconfig, context }), ready);
}
