import { type OnDemandPart, optionalParts, partFacts } from '../../core/part-facts.ts';
import type { ServiceState } from '../../resources/ready/judge-service.ts';
import { sentence } from '../../resources/ready/sentence.ts';

/** One line about the optional parts among `needs` that are not ready; undefined when all are. */
export function unreadyText(
  needs: readonly OnDemandPart[],
  services: readonly Pick<ServiceState, 'name' | 'state' | 'reason'>[],
): string | undefined {
  const unready = needs.flatMap((part) => {
    if (!optionalParts.includes(part)) return [];
    const { title, service } = partFacts[part];
    const seen = services.find(({ name }) => name === service);
    if (seen === undefined || seen.state === 'ready') return [];
    return [sentence(title, seen.reason ?? `is not ready (${seen.state})`)];
  });
  if (unready.length === 0) return undefined;
  return `telemetry is not whole, the environment does not wait for it: ${unready.join('; ')}. See wt doctor; wt platform up repairs it`;
}
