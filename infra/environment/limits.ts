import type { core } from '@pulumi/kubernetes/types/input.js';
import type { ServicePlan } from '../../config/plan/plan.ts';

/** Room beside the services themselves: one-off pods, Jobs, a team's own. */
const sparePods = 50;

/**
 * The quota of a namespace: every service twice, as new pods start before the old ones end, and some room. It only
 * counts objects: each pod has its own limits, and a sum of memory would deadlock a rollout that lowers it, as the new
 * pods wait for the quota and the old ones for the new pods.
 */
export function quotaSpec(services: readonly ServicePlan[]): core.v1.ResourceQuotaSpec {
  const pods = services.reduce((total, { replicas }) => total + 2 * replicas, sparePods);
  // An environment must not use node ports or cloud addresses.
  return { hard: { pods: String(pods), 'services.nodeports': '0', 'services.loadbalancers': '0' } };
}

/** For containers without their own: a one-off pod, a team's own resource. */
export const limitRangeSpec: core.v1.LimitRangeSpec = {
  limits: [
    {
      type: 'Container',
      default: { cpu: '1', memory: '1Gi' },
      defaultRequest: { cpu: '10m', memory: '32Mi' },
    },
  ],
};
