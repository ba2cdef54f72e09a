import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Metric } from '../../../../platform/grafana/dashboards/metrics.ts';
import { platformScrapes } from '../../../../platform/metrics/config.ts';

/** Names that servers of the platform give to their own metrics, which Prometheus comes for. */
const scraped = /^(otelcol|vl|prometheus|service|workflow)_/;

test('every metric that Prometheus has to come for is one that it is told to keep', () => {
  const names = Object.values(Metric).filter((name) => scraped.test(name));
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    // https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config: over the whole name
    const kept = platformScrapes.filter(({ keep }) => new RegExp(`^(?:${keep})$`).test(name));
    expect(kept, name).toHaveLength(1);
  }
});

const fixture = join(import.meta.dirname, '../../../fixtures/telemetry/metric-names.json');
const { names: recorded } = JSON.parse(readFileSync(fixture, 'utf8')) as { names: readonly string[] };

/** There is none before the first failure, and nothing failed while they were recorded. */
const onlyOnceFailed: readonly string[] = [Metric.failedSpans, Metric.failedPoints, Metric.failedLines];

test('every metric is one that Prometheus had in a running cluster', () => {
  const missing = Object.values(Metric).filter((name) => !recorded.includes(name));
  expect(missing).toEqual(onlyOnceFailed);
});
