import { readClusterRecord } from '../../state/cluster-record.ts';
import { look } from '../environment/look.ts';
import { readyPlanOf } from '../environment/ready-plan.ts';
import { platformStackName } from '../platform/ensure.ts';
import { portTaker } from '../platform/port.ts';
import type { Check } from './check.ts';

/** What is shared: whether it is there, ready, and has its port. */
export async function platformChecks(): Promise<Check[]> {
  const [record, plan] = await Promise.all([readClusterRecord(), readyPlanOf(platformStackName)]);
  if (!record) return [{ name: 'platform', ok: true, detail: 'needs a cluster first' }];
  if (!plan) {
    const owner = record.ingress === 'host-loopback' ? portTaker(record.http.port) : undefined;
    const port = `port ${record.http.port}`;
    return [
      { name: 'platform', ok: false, detail: 'not up', fix: 'wt platform up' },
      {
        name: port,
        ok: owner === undefined,
        detail: owner ? `taken by ${owner}` : 'free',
        fix: 'end that process',
      },
    ];
  }
  const { services } = await look(plan);
  return services.map(({ name, state, reason }) => ({
    name,
    ok: state === 'ready',
    detail: reason ? `${state}: ${reason}` : state,
    fix: 'wt platform up',
  }));
}
