import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { type EnvironmentFigures, readFigures } from '../../servers/telemetry/figures.ts';
import { lastMeasured } from '../../servers/telemetry/kept.ts';
import {
  instantQuery,
  rangeQuery,
  requireConfined,
  type Sample,
  type Series,
} from '../../servers/telemetry/metrics.ts';
import type { Asker } from '../../servers/telemetry/reach.ts';
import type { Period } from '../../servers/telemetry/traces.ts';
import type { Ports } from '../ports.ts';
import { nameToLookAt, type Target } from '../target/target.ts';
import { usualPeriod } from './period.ts';
import { type Presence, presenceOf } from './presence.ts';
import { askStore } from './stores.ts';

export interface EnvironmentMetrics {
  /** `shop/feat-b` */
  readonly environment: string;
  /** It is not there any more; what was measured of it is. */
  readonly gone: boolean;
  /** Of an environment that is gone, the end of what was measured unless a time was asked for. */
  readonly period: Period;
  readonly figures: EnvironmentFigures;
}

export interface ComparedMetrics extends EnvironmentMetrics {
  readonly versus?: EnvironmentMetrics;
}

/** How an environment did, and another one over as long a period. Throws what naming them and asking the store throw. */
export async function metricsOf(
  {
    target,
    versus,
    period,
  }: {
    readonly target: Target;
    readonly versus: Target | undefined;
    /** Undefined for the usual one of the environments. */
    readonly period: Period | undefined;
  },
  ports: Ports,
): Promise<ComparedMetrics> {
  const asked = [target, ...(versus === undefined ? [] : [versus])];
  const named = await Promise.all(asked.map((one) => nameOf(one, ports)));
  const asker = await askStore('metrics');
  const now = Date.now();
  const usual = period ?? usualPeriod(youngest(named), now);
  const [own, other] = await Promise.all(
    named.map(async ({ environment, namespace, gone }): Promise<EnvironmentMetrics> => {
      const own = gone && period === undefined ? await lastPeriod(asker, namespace, usual) : usual;
      return { environment, gone, period: own, figures: await readFigures(asker, namespace, own) };
    }),
  );
  if (own === undefined) throw new Error('no environment was named');
  return { ...own, ...(other && { versus: other }) };
}

/** Compared are those of the same time, so the youngest decides. */
function youngest(named: readonly Named[]): number | undefined {
  const times = named.flatMap(({ created }) => created ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** As long as the period, and where an environment that is gone was measured last. */
async function lastPeriod(asker: Asker, namespace: string, { from, to }: Period): Promise<Period> {
  const end = (await lastMeasured(asker, namespace)) ?? to;
  return { from: end - (to - from), to: end };
}

export interface QueryAnswer {
  readonly environment: string;
  readonly gone: boolean;
  readonly query: string;
  /** Values now, or over the period that was asked for; `at`: when an environment that is gone was measured last. */
  readonly found:
    | { readonly kind: 'instant'; readonly samples: readonly Sample[]; readonly at?: number }
    | { readonly kind: 'range'; readonly period: Period; readonly series: readonly Series[] };
}

/** Values of each series over a period. */
const STEPS = 30;

/** A person's query, kept to the environment. Throws COPPICE_USAGE, and what naming it and asking the store throw. */
export async function queryMetrics(
  {
    target,
    query,
    period,
  }: { readonly target: Target; readonly query: string; readonly period: Period | undefined },
  ports: Ports,
): Promise<QueryAnswer> {
  const { environment, namespace, gone } = await nameOf(target, ports);
  const asker = await askStore('metrics');
  await requireConfined(asker, namespace, query);
  if (period === undefined) {
    const at = gone ? await lastMeasured(asker, namespace) : undefined;
    const samples = await instantQuery(asker, namespace, query, at);
    return { environment, gone, query, found: { kind: 'instant', samples, ...defined({ at }) } };
  }
  const step = (period.to - period.from) / STEPS;
  const series = await rangeQuery(asker, namespace, query, { ...period, step });
  return { environment, gone, query, found: { kind: 'range', period, series } };
}

interface Named extends Presence {
  readonly environment: string;
  readonly namespace: string;
}

async function nameOf(target: Target, ports: Ports): Promise<Named> {
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  const presence = await presenceOf(name);
  return { environment: environmentName(name.app, name.slug), namespace: name.namespace, ...presence };
}
