import { expect, test } from 'vitest';
import { podSpec } from '../../../../infra/environment/pod.ts';
import { planOf, shop } from '../../../golden/plans.ts';

test('a dollar sign in a command or a variable reaches the process: Kubernetes would expand $(NAME) and halve $$', () => {
  const plan = planOf(shop);
  const [service] = plan.services;
  if (!service) throw new Error('the plan has no service');
  const odd = { ...service, command: ['sh', '-c', 'echo $$ $(date) $HOME'], env: { PRICE: '$5 $(x)' } };
  const [container] = podSpec(plan, odd).containers as {
    command: string[];
    env: { name: string; value: string }[];
  }[];
  expect(container?.command).toEqual(['sh', '-c', 'echo $$$$ $$(date) $$HOME']);
  expect(container?.env.find(({ name }) => name === 'PRICE')?.value).toBe('$$5 $$(x)');
});
