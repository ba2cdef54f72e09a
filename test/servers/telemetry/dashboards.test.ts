import { expect } from 'vitest';
import { dashboardsFor } from '../../../platform/grafana/dashboards/index.ts';
import { Metric } from '../../../platform/grafana/dashboards/metrics.ts';
import type { Panel, Target } from '../../../platform/grafana/dashboards/model.ts';
import { rowsArrive, seriesArrive } from './ask.ts';
import { waitFor } from './engines.ts';
import { stackTest } from './fixture.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { gatewayToken, type Stack, shopPod } from './stack.ts';

const pod = { ip: '127.0.0.2', namespace: 'wt-shop--dashboards' };
const { test, stack } = stackTest([shopPod('dashboards', 'web', pod.ip)]);

const targets = Object.values(dashboardsFor('victorialogs')).flatMap(({ panels }) =>
  panels
    .filter((panel): panel is Panel => panel.type !== 'row')
    .flatMap((panel) => panel.targets.map((target) => ({ title: panel.title, target }))),
);

/** What Grafana puts in the place of each variable. */
const values: readonly (readonly [RegExp, string])[] = [
  [/\$__(rate_interval|range)/g, '2m'],
  [/\$\{ns:regex\}/g, `(${pod.namespace}|wt-shop--other)`],
  [/\$ns/g, pod.namespace],
  [/\$service/g, 'web'],
  [/\$trace/g, '0af7651916cd43dd8448eb211c80319c'],
];

function filledIn(text: string): string {
  return values.reduce((filled, [variable, value]) => filled.replace(variable, value), text);
}

/** As the datasource asks for it; undefined for what is asked by an id. */
function addressOf({ urls }: Stack, target: Target): string | undefined {
  if ('expr' in target) {
    const query = encodeURIComponent(filledIn(target.expr));
    if (target.datasource.uid === 'prometheus') return `${urls.metrics}/api/v1/query?query=${query}`;
    const path = 'queryType' in target && target.queryType === 'statsRange' ? 'stats_query_range' : 'query';
    return `${urls.logs}/select/logsql/${path}?start=-1h&end=now&step=1m&limit=10&query=${query}`;
  }
  if (!('tags' in target)) return undefined;
  const tags = Object.fromEntries(
    filledIn(target.tags)
      .split(' ')
      .map((tag) => tag.split('=')),
  );
  const search = new URLSearchParams({ service: filledIn(target.service), tags: JSON.stringify(tags) });
  return `${urls.traces}/api/traces?${search}`;
}

test('every query of the dashboards is one that its store takes', async () => {
  const asked = targets.flatMap(({ title, target }) => {
    const address = addressOf(stack(), target);
    return address === undefined ? [] : [{ title, address }];
  });
  expect(asked.length).toBeGreaterThan(50);
  for (const { title, address } of asked) {
    const answer = await fetch(address);
    expect([title, answer.status, answer.ok ? '' : await answer.text()]).toEqual([title, 200, '']);
  }
});

test('the first request of an environment and its failure are on the dashboards, with the trace', async () => {
  const traceId = 'e'.repeat(32);
  const request = {
    traceId,
    name: 'GET',
    failed: true as const,
    attributes: {
      'http.response.header.x-coppice-environment': ['shop/dashboards; id=id-of-dashboards'],
      'http.response.header.x-coppice-service': ['web'],
      'http.response.status_code': 500,
    },
  };
  await stack().sendAsGateway(gatewayToken, tracesOf([request]));
  await stack().send(pod.ip, 'traces', tracesOf([{ traceId: 'f'.repeat(32), name: 'GET /', failed: true }]));
  for (const metric of [Metric.requests, Metric.requestDuration, Metric.calls, Metric.callDuration])
    await seriesArrive(stack(), `${metric}{k8s_namespace_name="${pod.namespace}"}`);
  const query = filledIn(expressionOf('Errors'));
  // A counter that began with 1 would have no growth: the Collector puts a zero before it.
  expect(Number((await seriesArrive(stack(), `${query} > 0`))[0]?.value[1])).toBeGreaterThan(0);
  const exemplars = await waitFor(async () => {
    const address = `${stack().urls.metrics}/api/v1/query_exemplars?query=${Metric.requestDuration}&start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`;
    const text = await (await fetch(address)).text();
    return text.includes(traceId) ? text : undefined;
  });
  expect(exemplars).toContain('"trace_id"');
});

function expressionOf(title: string): string {
  const found = targets.find(({ title: other, target }) => other === title && 'expr' in target);
  return found && 'expr' in found.target ? found.target.expr : '';
}

test("servers' own metrics have the names that the platform's dashboard asks for", async () => {
  // A counter is there once it has counted.
  await stack().send(pod.ip, 'logs', logsOf([{ body: 'counted' }]));
  await stack().send(pod.ip, 'metrics', metricsOf([{ name: 'counted', value: 1 }]));
  await rowsArrive(stack(), 'counted');
  const expected = Object.values(Metric).filter((name) => ownMetric.test(name));
  expect(expected.length).toBeGreaterThan(10);
  const missing = await waitFor(async () => {
    const names = new Set((await ownMetrics(stack())).match(/^[a-z]\w*/gm));
    const absent = expected.filter((name) => !names.has(name));
    return absent.length === 0 ? absent : undefined;
  });
  expect(missing).toEqual([]);
});

/** Those that count from the start on: of what failed there is none before the first failure. */
const ownMetric = /^(otelcol_receiver|otelcol_exporter_queue|vl|prometheus)_/;

async function ownMetrics({ urls, collectorMetrics }: Stack): Promise<string> {
  const pages = [urls.logs, urls.metrics].map(async (url) => (await fetch(`${url}/metrics`)).text());
  return [await collectorMetrics(), ...(await Promise.all(pages))].join('\n');
}
