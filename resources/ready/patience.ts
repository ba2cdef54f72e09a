import { defaultTimeoutSeconds, type ExpectedService } from './contract.ts';
import type { ServiceState } from './judge-service.ts';

type Start = Pick<ServiceState, 'age'>;

/**
 * Seconds that a service has in its present phase. `ready.timeout` is about its program; how long a node takes to
 * create a pod and to fetch an image is not the program's doing, so a short timeout does not shorten that.
 */
export function patienceSeconds(
  { age }: Start,
  { timeoutSeconds }: Pick<ExpectedService, 'timeoutSeconds'>,
): number {
  return age === undefined ? Math.max(timeoutSeconds, defaultTimeoutSeconds) : timeoutSeconds;
}

/** Whether a service that does not answer has had its time. `elapsed`: milliseconds since it was first waited for. */
export function isLate(
  service: Start,
  expected: Pick<ExpectedService, 'timeoutSeconds'>,
  elapsed: number,
): boolean {
  return Math.min(elapsed, service.age ?? elapsed) > patienceSeconds(service, expected) * 1000;
}
