import { readClusterRecord } from '../../state/cluster-record.ts';
import { readPlatformParts } from '../../state/platform-parts.ts';
import { look } from '../environment/look.ts';
import { readyPlanOf } from '../environment/ready-plan.ts';
import { platformStackName } from '../platform/ensure.ts';
import { portTaker } from '../platform/port.ts';
import type { Check } from './check.ts';

/** What is shared: whether it is there, ready, and has its port. */
export async function platformChecks(): Promise<Check[]> {
  const [record, plan, parts] = await Promise.all([
    readClusterRecord(),
    readyPlanOf(platformStackName),
    readPlatformParts(),
  ]);
  if (!record) return [{ name: 'platform', ok: true, detail: 'needs a cluster first' }];
  if (!plan) {
    const ports = [record.http.port, ...(parts.postgres && record.postgres ? [record.postgres.port] : [])];
    return [
      { name: 'platform', ok: false, detail: 'not up', fix: 'wt platform up' },
      ...(record.ingress === 'host-loopback' ? ports.map(portCheck) : []),
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

function portCheck(port: number): Check {
  const owner = portTaker(port);
  return {
    name: `port ${port}`,
    ok: owner === undefined,
    detail: owner ? `taken by ${owner}` : 'free',
    fix: 'end that process',
  };
}
