import type { core } from '@pulumi/kubernetes/types/input.js';
import type { ServicePlan } from '../../config/plan.ts';
import { parseQuantity } from '../../config/quantity.ts';

/** Room beside the services themselves: a one-off pod, a Job. */
const spare = { pods: 10, cpu: 2, memory: 2 * 2 ** 30 };

/**
 * What a namespace may hold: everything twice, as new pods start before the old ones end, and some room. So a runaway
 * cannot take the machine, and no rollout waits for the quota.
 */
export function quotaSpec(services: readonly ServicePlan[]): core.v1.ResourceQuotaSpec {
  const sum = (amount: (service: ServicePlan) => number) =>
    2 * services.reduce((total, service) => total + amount(service) * Math.max(1, service.replicas), 0);
  const cpu = sum(({ resources }) => parseQuantity(resources.limits.cpu) ?? 0) + spare.cpu;
  const memory = sum(({ resources }) => parseQuantity(resources.limits.memory) ?? 0) + spare.memory;
  return {
    hard: {
      pods: String(sum(() => 1) + spare.pods),
      'limits.cpu': String(Math.ceil(cpu)),
      'limits.memory': `${Math.ceil(memory / 2 ** 20)}Mi`,
      // Ports on the node and addresses of a cloud are not an environment's to take.
      'services.nodeports': '0',
      'services.loadbalancers': '0',
    },
  };
}

/** For containers that say nothing themselves: a one-off pod, somebody's own resource. */
export const limitRangeSpec: core.v1.LimitRangeSpec = {
  limits: [
    {
      type: 'Container',
      default: { cpu: '1', memory: '1Gi' },
      defaultRequest: { cpu: '10m', memory: '32Mi' },
    },
  ],
};
