import type { core } from '@pulumi/kubernetes/types/input.js';
import type { ServicePlan } from '../../config/plan/plan.ts';

/** Room beside the services themselves: one-off pods, Jobs, a team's own. */
const sparePods = 50;

/**
 * How much a namespace may hold: every service twice, as new pods start before the old ones end, and room. Numbers of
 * things only: each pod has limits of its own, and a sum of memory would deadlock a rollout that lowers it, as the new
 * pods wait for the quota and the old ones for the new pods.
 */
export function quotaSpec(services: readonly ServicePlan[]): core.v1.ResourceQuotaSpec {
  const pods = services.reduce((total, { replicas }) => total + 2 * replicas, sparePods);
  // Ports on the node and addresses of a cloud are not an environment's to take.
  return { hard: { pods: String(pods), 'services.nodeports': '0', 'services.loadbalancers': '0' } };
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
