import { environmentName, environmentOf } from '../../core/names.ts';
import { limitedStore } from '../../core/telemetry.ts';
import { environmentLimits } from '../../core/telemetry-limits.ts';
import { type Arrival, type Loss, RECENT_MINUTES } from './arrivals.ts';

/** What is wrong with what arrives, as `wt telemetry status` and `wt doctor` both tell it. */
export interface ArrivalProblem {
  readonly what: string;
  readonly fix: string;
}

const MINUTE_MS = 60_000;

/**
 * Services to which requests still come, and whose spans stopped: the SDK lost the way, or was switched off. `now`:
 * milliseconds since 1970.
 */
export function silences(arrivals: readonly Omit<Arrival, 'lines'>[], now: number): ArrivalProblem[] {
  return arrivals.flatMap(({ namespace, service, requests, spans, lastSpan }) => {
    if (requests === 0 || spans > 0 || lastSpan === undefined) return [];
    const minutes = Math.round((now - lastSpan) / MINUTE_MS);
    if (minutes < RECENT_MINUTES) return [];
    const environment = nameOfNamespace(namespace);
    return [
      {
        what: `${environment}: no spans for ${minutes} min from ${service}, which has ${Math.ceil(requests)} requests a minute`,
        fix: `\`wt logs ${service} --env ${environment}\`: its SDK may say why; an end point in its own code wins over OTEL_EXPORTER_OTLP_ENDPOINT`,
      },
    ];
  });
}

/** What did not arrive in the last hour. */
export function lossProblems(losses: readonly Loss[]): ArrivalProblem[] {
  const limited = losses.filter(({ namespace }) => namespace !== undefined);
  const others = losses.filter(({ namespace }) => namespace === undefined);
  return [...limited.map(overLimit), ...others.map(lost)];
}

function lost({ counter, reason, count }: Loss): ArrivalProblem {
  return {
    what: `${Math.round(count)} lost in the last hour: ${counter}${reason === undefined ? '' : ` (${reason})`}`,
    fix: 'docs/telemetry.md says what each counter means',
  };
}

/** Of an environment that has used what it may add to a store. */
function overLimit({ namespace = '', reason = '', count }: Loss): ArrivalProblem {
  const name = nameOfNamespace(namespace);
  const store = limitedStore(reason);
  const [what, verb] = store === 'logs' ? ['lines', 'logs'] : ['spans', 'traces'];
  const { ownMib, mostMib } = environmentLimits[store];
  return {
    what: `${name}: ${Math.round(count)} ${what} dropped in the last hour: it has used its ${ownMib + mostMib} MiB a day of the store for ${store}, or all have used theirs`,
    fix: `\`wt ${verb} --env ${name}\` shows what is so much; what comes back over the day is in docs/telemetry.md`,
  };
}

/** `shop/feat-b` for `wt-shop--feat-b`; other namespaces are called what they are. */
export function nameOfNamespace(namespace: string): string {
  const environment = environmentOf(namespace);
  return environment ? environmentName(environment.app, environment.slug) : namespace || '(nobody)';
}
