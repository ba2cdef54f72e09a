import { type Readiness, readiness } from '../../resources/ready/check.ts';
import type { ReadyInputs } from '../../resources/ready/contract.ts';
import { readStack, type StackName } from '../engine/stack-state.ts';
import { lightKube } from './light-kube.ts';

/** What the last `up`, by `wt` or by hand, waited for; undefined when there was none. */
export async function readyPlanOf(stack: StackName): Promise<ReadyInputs | undefined> {
  const resources = (await readStack(stack))?.resources ?? [];
  const ready = resources.find(({ type }) => type === 'coppice:index:Ready');
  return ready?.outputs as ReadyInputs | undefined;
}

/** Whether an environment or the platform is ready right now. */
export async function look(ready: ReadyInputs): Promise<Readiness> {
  const { kubeconfig, context } = ready;
  return readiness(await lightKube({ kubeconfig, context }), ready);
}
