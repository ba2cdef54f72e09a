import { messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { type EnvironmentFigures, readFigures } from '../../servers/telemetry/figures.ts';
import {
  instantQuery,
  rangeQuery,
  requireConfined,
  type Sample,
  type Series,
} from '../../servers/telemetry/metrics.ts';
import type { Period } from '../../servers/telemetry/traces.ts';
import type { Ports } from '../ports.ts';
import { nameToLookAt, type Target } from '../target/target.ts';
import { askStore } from './stores.ts';
import { usualPeriodOf } from './usual-period.ts';

export interface EnvironmentMetrics {
  /** `shop/feat-b` */
  readonly environment: string;
  readonly figures: EnvironmentFigures;
}

export interface ComparedMetrics extends EnvironmentMetrics {
  readonly period: Period;
  readonly versus?: EnvironmentMetrics;
}

/** How an environment did, and another one over the same period. Throws what naming them and asking the store throw. */
export async function metricsOf(
  {
    target,
    versus,
    period: asked,
  }: {
    readonly target: Target;
    readonly versus: Target | undefined;
    /** Undefined for the usual one of the environments. */
    readonly period: Period | undefined;
  },
  ports: Ports,
): Promise<ComparedMetrics> {
  const named = [await nameOf(target, ports), ...(versus === undefined ? [] : [await nameOf(versus, ports)])];
  const asker = await askStore('metrics');
  const namespaces = named.map(({ namespace }) => namespace);
  const period = asked ?? (await usualPeriodOf(namespaces, Date.now()));
  const [own, other] = await Promise.all(
    named.map(
      async ({ environment, namespace }): Promise<EnvironmentMetrics> => ({
        environment,
        figures: await readFigures(asker, namespace, period),
      }),
    ),
  );
  if (own === undefined) throw new Error('no environment was named');
  return { ...own, period, ...(other && { versus: other }) };
}

export interface QueryAnswer {
  readonly environment: string;
  readonly query: string;
  /** Values now, or over the period that was asked for. */
  readonly found:
    | { readonly kind: 'instant'; readonly samples: readonly Sample[] }
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
  const { environment, namespace } = await nameOf(target, ports);
  const asker = await askStore('metrics');
  await requireConfined(asker, namespace, query);
  if (period === undefined) {
    const samples = await instantQuery(asker, namespace, query);
    return { environment, query, found: { kind: 'instant', samples } };
  }
  const step = (period.to - period.from) / STEPS;
  const series = await rangeQuery(asker, namespace, query, { ...period, step });
  return { environment, query, found: { kind: 'range', period, series } };
}

async function nameOf(
  target: Target,
  ports: Ports,
): Promise<{ readonly environment: string; readonly namespace: string }> {
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  return { environment: environmentName(name.app, name.slug), namespace: name.namespace };
}
