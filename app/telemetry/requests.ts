import { messageOf } from '../../core/errors.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { sinceLastRequests } from '../../servers/telemetry/requests.ts';
import type { Known } from '../activity/known.ts';
import type { Touch } from '../activity/touch.ts';
import { askStore } from './stores.ts';

/** When each environment had its last request through its route: milliseconds since 1970, by Kubernetes namespace. */
type LastRequests = Known<ReadonlyMap<string, number>>;

/**
 * The last requests of all environments, with one question. Empty where telemetry has not joined the platform: nobody
 * counts them there. Unknown where it has joined and does not answer, as without the cluster (`up`). Never throws.
 */
export async function lastRequests(up: boolean, ask = askStore): Promise<LastRequests> {
  try {
    const { collector, metrics } = await readPlatformParts();
    if (!collector || !metrics) return { value: new Map() };
    if (!up) return unknownAs('the cluster does not answer');
    const ages = await sinceLastRequests(await ask('metrics'));
    const now = Date.now();
    return { value: new Map([...ages].map(([namespace, age]) => [namespace, now - age])) };
  } catch (error) {
    return unknownAs(messageOf(error));
  }
}

function unknownAs(why: string): LastRequests {
  return { unknown: `requests are not known: ${why.split('\n')[0]}` };
}

/** Those of one environment. */
export function requestTouches(requests: LastRequests, namespace: string): Known<readonly Touch[]> {
  if ('unknown' in requests) return requests;
  const at = requests.value.get(namespace);
  return { value: at === undefined ? [] : [{ by: 'request', at }] };
}
