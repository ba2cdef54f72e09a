import { messageOf } from '../../core/errors.ts';
import { allAnswer, type Readiness } from '../../resources/ready/check.ts';
import { sentence } from '../../resources/ready/sentence.ts';
import { type KeptNamespace, namespaceProblem } from '../workflows/presence.ts';
import type { EnvironmentRecord } from './record.ts';

/**
 * The current state of an environment: `readiness` of the provider, with one list of pods and one request per route.
 */
export type ReadinessCheck = (ready: EnvironmentRecord['ready']) => Promise<Readiness>;

/** Why an environment's Temporal namespace is not the recorded one; undefined when it is. */
type NamespaceCheck = (kept: KeptNamespace) => Promise<string | undefined>;

/** `doubts`: why an environment that answers is yet not simply up. */
export type QuickAnswer =
  | { readonly up: true; readonly doubts: readonly string[] }
  | { readonly up: false; readonly reason: string };

/**
 * Whether an environment still is what the last `up` with the same content created, checked for real but without the
 * engine. Never throws: what cannot be checked is not up.
 */
export async function quickAnswer(
  record: EnvironmentRecord | undefined,
  contentHash: string,
  look: ReadinessCheck,
  ask: NamespaceCheck = namespaceProblem,
): Promise<QuickAnswer> {
  if (!record) return { up: false, reason: 'it was not up before' };
  if (record.contentHash !== contentHash)
    return {
      up: false,
      reason: 'its commit, files or settings, or coppice itself, changed since the last up',
    };
  if (record.ownProgram) return { up: false, reason: 'the program is not ours, so the engine has to check' };
  try {
    const [now, lost] = await Promise.all([look(record.ready), record.temporal && ask(record.temporal)]);
    const doubts = doubtsIn(now);
    // Nothing that an engine could do would change what a service did before.
    const doubtful = doubts.length > 0 && allAnswer(now.services) && now.routes.every(({ ready }) => ready);
    if (now.namespace !== 'live' || !(now.ready || doubtful)) return { up: false, reason: whyNot(now) };
    return lost === undefined ? { up: true, doubts } : { up: false, reason: lost };
  } catch (error) {
    return { up: false, reason: `it cannot be checked: ${messageOf(error)}` };
  }
}

/** One sentence for each service that answers and may not do so for long. */
export function doubtsIn({ services }: Pick<Readiness, 'services'>): string[] {
  return services
    .filter(({ state }) => state === 'degraded')
    .map(
      ({ name, reason, error }) =>
        `${sentence(name, reason ?? 'is degraded')}${error === undefined ? '' : `: ${error}`}`,
    );
}

function whyNot({ services, routes, namespace }: Readiness): string {
  if (namespace !== 'live') return `its namespace ${namespace === 'ending' ? 'is being removed' : 'is gone'}`;
  const service = services.find(({ state }) => state !== 'ready' && state !== 'off');
  if (service) return sentence(service.name, service.reason ?? 'is not ready');
  const route = routes.find(({ ready }) => !ready);
  return route ? `http://${route.host}${route.path} ${route.reason ?? 'is not ready'}` : 'it is not ready';
}
