import type { Check } from '../../core/check.ts';
import { publishedParts } from '../../core/part-facts.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { checkReadiness, readyPlanOf } from '../clusters/readiness.ts';
import { readStack } from '../engine/index.ts';
import { platformStackName } from '../platform/ensure.ts';
import { portOwner } from '../platform/port-owner.ts';

/** The shared platform: whether it exists, is ready, and has its port. */
export async function platformChecks(): Promise<Check[]> {
  const [record, plan, parts] = await Promise.all([
    readClusterRecord(),
    readyPlanOf(platformStackName),
    readPlatformParts(),
  ]);
  if (!record) return [{ name: 'platform', ok: true, detail: 'needs a cluster first' }];
  if (!plan) {
    // Also what a cluster has before its first `wt up`: nothing is wrong then.
    const begun = ((await readStack(platformStackName))?.resources.length ?? 0) > 0;
    const ports = [record.http, ...publishedParts.map((part) => parts[part] && record[part])];
    return [
      begun
        ? { name: 'platform', ok: false, detail: 'was not finished', fix }
        : { name: 'platform', ok: true, detail: 'not up yet; wt up brings it up' },
      ...(record.ingress === 'host-loopback'
        ? ports.flatMap((place) => (place ? [portCheck(place.port)] : []))
        : []),
    ];
  }
  const { services, routes } = await checkReadiness(plan);
  return [
    ...services.map(({ name, state, reason }) => ({
      name,
      ok: state === 'ready',
      detail: reason ? `${state}: ${reason}` : state,
      fix,
    })),
    ...routes.map(({ host, ready, status, reason }) => ({
      name: `http://${host}`,
      ok: ready,
      detail: reason ?? `answers ${status}`,
      fix,
    })),
  ];
}

const fix = 'wt platform up';

function portCheck(port: number): Check {
  const owner = portOwner(port);
  return {
    name: `port ${port}`,
    ok: owner === undefined,
    detail: owner ? `taken by ${owner}` : 'free',
    fix: 'end that process',
  };
}
