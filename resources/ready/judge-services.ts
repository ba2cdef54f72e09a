import type { ServiceFacts } from './facts.ts';
import { judgeService, type ServiceState } from './judge-service.ts';
import { answeredBefore, conditionSince, containerOf, lastEnd, timeOf } from './runs.ts';

/** Restarts after which a service is no longer taken to wait for another one. */
const PATIENCE = 6;
/** Errors that no other service can put right. */
const ownFault =
  /SyntaxError|ReferenceError|Transform failed|Cannot find (module|package)|MODULE_NOT_FOUND|ModuleNotFoundError|command not found/;

/** All services of an environment: one that ends until another answers is starting as long as that one is. */
export function judgeServices(facts: readonly ServiceFacts[], now: number): ServiceState[] {
  const alone = facts.map((service) => judgeService(service, now));
  return alone.map((service, at) => {
    const others = alone.filter((_, other) => other !== at);
    const otherFacts = facts.filter((_, other) => other !== at);
    return mayWait(service, facts[at]) && isWorthWaiting(facts[at], others, otherFacts)
      ? {
          ...service,
          state: 'starting',
          hopeless: false,
          reason: `${service.reason}; other services are not ready, so it may still start`,
        }
      : service;
  });
}

function mayWait(
  { hopeless, exitCode, restarts, error, ended }: ServiceState,
  facts: ServiceFacts | undefined,
): boolean {
  if (!hopeless || !ended || restarts > PATIENCE) return false;
  if (exitCode === undefined || [0, 126, 127, 137].includes(exitCode)) return false;
  if (facts?.pods.some(({ pod }) => containerOf(pod)?.state?.running || answeredBefore(pod))) return false;
  return error === undefined || !ownFault.test(error);
}

/** Another service still starts, or became ready after this one was tried last. */
function isWorthWaiting(
  facts: ServiceFacts | undefined,
  others: readonly ServiceState[],
  otherFacts: readonly ServiceFacts[],
): boolean {
  if (others.some(({ state }) => state === 'starting')) return true;
  const triedAt = Math.max(...(facts?.pods ?? []).map(({ pod }) => timeOf(lastEnd(pod)?.startedAt) ?? 0), 0);
  const readyAt = otherFacts.flatMap(({ pods }) =>
    pods.map(({ pod }) => conditionSince(pod, 'Ready', 'True') ?? 0),
  );
  return readyAt.some((at) => at > triedAt);
}
