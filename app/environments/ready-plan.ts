import type { ReadyInputs } from '../../resources/ready/contract.ts';
import { readStack, type StackName } from '../engine/stack-state.ts';

/** What the last `up`, by `wt` or by hand, waited for; undefined when there was none. */
export async function readyPlanOf(stack: StackName): Promise<ReadyInputs | undefined> {
  const resources = (await readStack(stack))?.resources ?? [];
  const ready = resources.find(({ type }) => type === 'coppice:index:Ready');
  return ready?.outputs as ReadyInputs | undefined;
}
