import { type Readiness, readiness } from '../../resources/ready/check.ts';
import type { ReadyInputs } from '../../resources/ready/contract.ts';
import { lightKube } from '../clusters/light-kube.ts';

/** How an environment or the platform stands right now. */
export async function look(ready: ReadyInputs): Promise<Readiness> {
  const { kubeconfig, context } = ready;
  return readiness(await lightKube({ kubeconfig, context }), ready);
}
