import { CoppiceError } from '../../core/errors.ts';
import { GatewayMetric, MetricLabel, telemetryServices } from '../../core/telemetry.ts';
import { grown, named, samplesNamed } from './growth.ts';
import { instantQuery, type Sample } from './metrics.ts';
import type { Asker } from './reach.ts';

/** How far back requests are looked for: with the usual settings Prometheus keeps no more. */
const REQUEST_DAYS = 7;
/** How exactly the time of a request is known, in seconds. */
const STEP = 300;
/** What is looked at in each step: a counter that grows just between two steps must grow in one of them. */
const SPAN = STEP + 60;
/** Milliseconds for an answer: a week of a busy machine takes Prometheus some seconds. */
const PATIENCE = 30_000;

const { namespace, service } = MetricLabel;

/**
 * By when the gateway's counters grew last, at most {@link STEP} and a minute late. That they are there says nothing:
 * the Collector sends each for half an hour after its last request. After a restart they begin again at nothing, and what
 * they count from there on are requests.
 */
const grew = `timestamp((${grown(`${GatewayMetric.calls}{${namespace}=~"wt-.*"}`, [namespace], SPAN)}) > 0)`;

const questions: Readonly<Record<string, string>> = {
  before: `max_over_time((${grew})[${REQUEST_DAYS}d:${STEP}s])`,
  // The last of the steps is up to one of them ago.
  now: grew,
  clock: 'vector(time())',
  collector: `max(up{${service}="${telemetryServices.collector.service}"})`,
};

/**
 * How long ago each environment had its last request through the gateway, in milliseconds by Kubernetes namespace, of all
 * environments with one request. One without any in {@link REQUEST_DAYS} days is not in it. Throws
 * COPPICE_TELEMETRY_UNREACHABLE when the Collector is away, as Prometheus would then learn of none, and what the asker
 * throws.
 */
export async function sinceLastRequests(asker: Asker): Promise<ReadonlyMap<string, number>> {
  const query = Object.entries(questions).map(([name, question]) => named(name, question));
  return agesIn(await instantQuery(asker, undefined, query.join(' or '), undefined, { within: PATIENCE }));
}

function agesIn(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const [clock] = samplesNamed(samples, 'clock');
  const [collector] = samplesNamed(samples, 'collector');
  if (clock === undefined || collector?.value !== 1)
    throw new CoppiceError(
      'COPPICE_TELEMETRY_UNREACHABLE',
      'the Collector does not answer, without which Prometheus does not count them',
      { hint: 'run `wt platform status`' },
    );
  const ages = new Map<string, number>();
  for (const { labels, value } of [...samplesNamed(samples, 'before'), ...samplesNamed(samples, 'now')]) {
    const name = labels[namespace] ?? '';
    ages.set(name, Math.min(ages.get(name) ?? Number.POSITIVE_INFINITY, (clock.value - value) * 1000));
  }
  return ages;
}
