import { afterAll, beforeAll, expect, test } from 'vitest';
import { Attribute, GatewayMetric, SpanMetric } from '../../../core/telemetry.ts';
import { readPlatformTelemetry } from '../../../servers/telemetry/arrivals.ts';
import { readFigures } from '../../../servers/telemetry/figures.ts';
import { keepsAnything, lastMeasured } from '../../../servers/telemetry/kept.ts';
import { instantQuery, rangeQuery, requireConfined } from '../../../servers/telemetry/metrics.ts';
import { purgeMetrics } from '../../../servers/telemetry/purge.ts';
import { sinceLastRequests } from '../../../servers/telemetry/requests.ts';
import { waitFor } from './engines.ts';
import { type SentPoint, sendPoints } from './otlp.ts';
import { type StoreAlone, startPrometheus } from './stores.ts';

const [main, feature] = ['wt-shop--main', 'wt-shop--feat-b'];
/** Of the points: queries name it, so that nothing ages while the tests run. */
let now = 0;

const resourceOf = (namespace: string, service: string) => ({
  [Attribute.namespace]: namespace,
  [Attribute.service]: service,
  [Attribute.app]: 'shop',
});
const bounds = [5, 10, 100, 1000];

/** Without the endings that Prometheus gives. */
const otlp = {
  calls: GatewayMetric.calls.replace(/_total$/, ''),
  duration: GatewayMetric.duration.replace(/_milliseconds$/, ''),
  spanCalls: SpanMetric.calls.replace(/_total$/, ''),
  spanDuration: SpanMetric.duration.replace(/_milliseconds$/, ''),
};

/** Requests so far of a service, and how many of them took 50 and 500 ms. */
function requests(
  namespace: string,
  service: string,
  time: number,
  { ok = 0, failed = 0, quick = 0, slow = 0 },
  names: { readonly calls: string; readonly duration: string } = otlp,
  attributes: Readonly<Record<string, string>> = {},
): SentPoint[] {
  const point = { resource: resourceOf(namespace, service), time };
  const buckets = { bounds, counts: [0, 0, quick, slow, 0] };
  const of = (code: string) => ({ ...attributes, status_code: `STATUS_CODE_${code}` });
  return [
    { ...point, name: names.calls, kind: 'sum', attributes: of('UNSET'), value: ok },
    { ...point, name: names.calls, kind: 'sum', attributes: of('ERROR'), value: failed },
    { ...point, name: names.duration, kind: 'histogram', unit: 'ms', attributes: of('UNSET'), buckets },
  ];
}

function container(
  namespace: string,
  service: string,
  time: number,
  seconds: number,
  uptime: number,
): SentPoint[] {
  const point = { resource: resourceOf(namespace, service), time };
  return [
    { ...point, name: 'container.cpu.time', unit: 's', kind: 'sum', value: seconds },
    { ...point, name: 'container.memory.working_set', unit: 'By', kind: 'gauge', value: 96e6 },
    { ...point, name: 'container.uptime', unit: 's', kind: 'sum', value: uptime },
  ];
}

let prometheus: StoreAlone;
beforeAll(async () => {
  prometheus = await startPrometheus();
  now = Date.now();
  const workerSpans = { calls: otlp.spanCalls, duration: otlp.spanDuration };
  const activity = { span_name: 'RunActivity:chargeCard', span_kind: 'SPAN_KIND_INTERNAL' };
  // Both services existed before the period; `fresh` has one point alone.
  for (const [minutes, share] of [
    [16, 1],
    [10, 2],
    [1, 3],
  ] as const) {
    const time = now - minutes * 60_000;
    await sendPoints(prometheus.url, [
      ...requests(feature, 'api', time, {
        ok: 90 * share,
        failed: 10 * share,
        quick: 90 * share,
        slow: 10 * share,
      }),
      ...requests(main, 'api', time, { ok: 1000 * share, quick: 1000 * share }),
      ...requests(
        feature,
        'worker',
        time,
        { ok: 5 * share, failed: share, quick: 6 * share },
        workerSpans,
        activity,
      ),
      ...container(feature, 'api', time, 60 * share, minutes === 1 ? 10 : 600),
      ...container(main, 'api', time, 600 * share, 6000 - minutes),
    ]);
  }
  await sendPoints(prometheus.url, requests(feature, 'fresh', now - 60_000, { ok: 3, failed: 1, quick: 4 }));
  await waitFor(async () => {
    const samples = await instantQuery(
      prometheus.asker,
      feature,
      `${GatewayMetric.calls}{service_name="fresh"}`,
      now,
    );
    return samples.length === 2 ? true : undefined;
  });
});
afterAll(() => prometheus.remove());

const period = () => ({ from: now - 900_000, to: now });
const values = async (namespace: string, query: string) =>
  (await instantQuery(prometheus.asker, namespace, query, now)).map(({ value }) => value);

test('two environments with the same services never mix', async () => {
  expect(await values(feature, `sum(${GatewayMetric.calls}{service_name="api"})`)).toEqual([300]);
  expect(await values(main, `sum(${GatewayMetric.calls})`)).toEqual([3000]);
  expect(await values('wt-shop--other', GatewayMetric.calls)).toEqual([]);
});

test.each([
  `sum(${GatewayMetric.calls}{k8s_namespace_name="${main}"})`,
  `sum(${GatewayMetric.calls}{k8s_namespace_name=~".+"}) - sum(${GatewayMetric.calls})`,
  `sum(${GatewayMetric.calls} or {__name__="${GatewayMetric.calls}", k8s_namespace_name="${main}"}) - sum(${GatewayMetric.calls})`,
  `sum(max_over_time((${GatewayMetric.calls}{k8s_namespace_name!="${feature}"})[30m:1m]))`,
])("a query that asks for the other's sees nothing of it: %s", async (query) => {
  await requireConfined(prometheus.asker, feature, query);
  expect((await values(feature, query)).filter((value) => value !== 0)).toEqual([]);
});

test('Prometheus itself reads a confined query as confined, of every kind', async () => {
  for (const query of [
    'up',
    '1 + 1',
    'sum by (a) (rate(up{b="c"}[5m] offset 1h))',
    'histogram_quantile(0.9, {__name__=~".*_bucket"})',
    '{"quoted.name", "quoted.label"="}"}',
    'up # {k8s_namespace_name="x"}',
    'topk(3, a) or b unless on (x) c',
    'max_over_time(deriv(rate(a[1m])[5m:1m])[10m:] @ end())',
  ])
    await expect(requireConfined(prometheus.asker, feature, query)).resolves.toBeUndefined();
});

test('what Prometheus refuses is told with its own words', async () => {
  await expect(instantQuery(prometheus.asker, feature, 'rate(up)')).rejects.toMatchObject({
    code: 'COPPICE_TELEMETRY_REFUSED',
    exitCode: 2,
    message: expect.stringContaining('expected type range vector'),
  });
  await expect(requireConfined(prometheus.asker, feature, 'sum(')).rejects.toMatchObject({
    code: 'COPPICE_USAGE',
  });
});

test('values over a period come with their times', async () => {
  const period = { from: now - 12 * 60_000, to: now, step: 60_000 };
  const [series] = await rangeQuery(
    prometheus.asker,
    feature,
    `sum(${GatewayMetric.calls}{service_name="api"})`,
    period,
  );
  expect(series?.points.at(-1)?.[1]).toBe(300);
  expect(series?.points.every(([time]) => time >= period.from - 1000 && time <= period.to)).toBe(true);
});

test('an environment’s figures are of its own services, each from the best source that it has', async () => {
  const { services, workflows } = await readFigures(prometheus.asker, feature, period());
  const [api, fresh, worker] = services;
  expect(services.map(({ service }) => service)).toEqual(['api', 'fresh', 'worker']);
  expect(workflows).toBeUndefined();
  // Of the 300 until now 100 came before the period; `increase` would say 150.
  expect(api).toMatchObject({ requests: 200, failed: 20 });
  expect(api?.p50).toBeGreaterThan(10);
  expect(api?.p50).toBeLessThan(100);
  expect(api?.p95).toBeGreaterThan(100);
  expect(api?.cpu).toBeGreaterThan(0.05);
  expect(api?.memory).toBe(96e6);
  expect(api?.restarts).toBe(1);
  expect(worker?.requests).toBe(12);
  expect(worker?.memory).toBeUndefined();
  // One point alone has not grown, and yet four requests came.
  expect(fresh).toMatchObject({ requests: 4, failed: 1 });
  expect(fresh?.p50).toBeGreaterThan(10);
});

test('a service whose counters were reset has all its requests, and each name of a failed workflow counts', async () => {
  const again = 'wt-shop--again';
  const points = [
    [16, 4],
    [12, 10],
    // The Collector was started again.
    [6, 2],
    [1, 5],
  ] as const;
  for (const [minutes, ok] of points)
    await sendPoints(prometheus.url, requests(again, 'api', now - minutes * 60_000, { ok }));
  const workflow = (name: string, value: number): SentPoint => ({
    resource: resourceOf(again, 'temporal'),
    name,
    kind: 'gauge',
    time: now - 60_000,
    value,
  });
  await sendPoints(prometheus.url, [workflow('workflow_failed', 2), workflow('workflow_timeout', 3)]);
  const found = await waitFor(async () => {
    const figures = await readFigures(prometheus.asker, again, period());
    return figures.workflows === undefined ? undefined : figures;
  });
  expect(found.services).toMatchObject([{ service: 'api', requests: 11 }]);
  expect(found.workflows).toEqual({ failed: 5 });
});

test('the other environment has figures of its own', async () => {
  const { services } = await readFigures(prometheus.asker, main, period());
  expect(services).toMatchObject([{ service: 'api', failed: 0, restarts: 0 }]);
});

test('an environment without metrics has no figures', async () => {
  expect(await readFigures(prometheus.asker, 'wt-shop--other', period())).toEqual({ services: [] });
});

test('what arrives is told by environment and service, and what was lost by its counter', async () => {
  const counter = (name: string, value: number, minutes: number, exporter: string): SentPoint => ({
    resource: { ...resourceOf('coppice', 'collector') },
    name,
    kind: 'gauge',
    attributes: { exporter },
    time: now - minutes * 60_000,
    value,
  });
  const filtered = (signal: string, filter: string, value: number): SentPoint => ({
    ...counter(`otelcol_processor_filter_${signal}_filtered`, value, 1, ''),
    attributes: { filter },
  });
  await sendPoints(prometheus.url, [
    counter('up', 1, 1, ''),
    counter('otelcol_exporter_send_failed_spans', 7, 61, 'otlp_grpc/traces'),
    counter('otelcol_exporter_send_failed_spans', 19, 1, 'otlp_grpc/traces'),
    // 4 before the Collector was started again, and 3 after it.
    counter('otelcol_exporter_enqueue_failed_spans', 6, 61, 'otlp_grpc/traces'),
    counter('otelcol_exporter_enqueue_failed_spans', 10, 40, 'otlp_grpc/traces'),
    counter('otelcol_exporter_enqueue_failed_spans', 3, 1, 'otlp_grpc/traces'),
    // One span a request by design, and what is not an environment's.
    filtered('spans', 'filter/requests', 340),
    filtered('datapoints', 'filter/foreign', 9000),
    filtered('datapoints', 'filter/old', 8),
    // Nothing new in the last hour.
    counter('otelcol_exporter_send_failed_log_records', 5, 61, 'otlp_http/logs'),
    counter('otelcol_exporter_send_failed_log_records', 5, 1, 'otlp_http/logs'),
    counter('otelcol_exporter_queue_size', 30, 1, 'otlp_http/logs'),
    counter('otelcol_exporter_queue_capacity', 40, 1, 'otlp_http/logs'),
    counter('vl_data_size_bytes', 13e6, 1, ''),
  ]);
  const { arrivals, state } = await waitFor(async () => {
    const found = await readPlatformTelemetry(prometheus.asker, now);
    return found.state.logBytes === undefined ? undefined : found;
  });
  const others = arrivals.filter(({ namespace }) => namespace !== 'wt-shop--again');
  expect(others.map(({ namespace, service }) => `${namespace} ${service}`).sort()).toEqual([
    'coppice collector',
    `${feature} api`,
    `${feature} fresh`,
    `${feature} worker`,
    `${main} api`,
  ]);
  const of = (service: string, namespace = feature) =>
    arrivals.find((one) => one.service === service && one.namespace === namespace);
  // Four requests in five minutes.
  expect(of('fresh')).toMatchObject({ requests: 0.8, spans: 0 });
  expect(of('fresh')?.series).toBeGreaterThan(5);
  expect(of('api', main)?.spans).toBe(0);
  expect(state.losses).toHaveLength(3);
  expect(state.losses).toEqual(
    expect.arrayContaining([
      { counter: 'otelcol_exporter_send_failed_spans', reason: 'otlp_grpc/traces', count: 12 },
      { counter: 'otelcol_exporter_enqueue_failed_spans', reason: 'otlp_grpc/traces', count: 7 },
      { counter: 'otelcol_processor_filter_datapoints_filtered', reason: 'filter/old', count: 8 },
    ]),
  );
  // Nothing is known of the log store.
  expect(state.away).toEqual(['victorialogs']);
  expect(state.queues).toEqual([{ exporter: 'otlp_http/logs', share: 0.75 }]);
  expect(state).toMatchObject({ logBytes: 13e6, logReadOnly: false });
});

test('when the last span of a service came is known, though its counter is sent on', async () => {
  const attributes = { span_name: 'GET /', span_kind: 'SPAN_KIND_SERVER' };
  const names = { calls: otlp.spanCalls, duration: otlp.spanDuration };
  // Two spans at most every minute until eight minutes ago; the counter has stayed since.
  for (let minutes = 15; minutes > 0; minutes -= 0.5)
    await sendPoints(
      prometheus.url,
      requests(
        main,
        'quiet',
        now - minutes * 60_000,
        { ok: Math.floor(30 - Math.max(minutes, 8)) },
        names,
        attributes,
      ),
    );
  const last = await waitFor(async () => {
    const { arrivals } = await readPlatformTelemetry(prometheus.asker, now);
    return arrivals.find(({ service }) => service === 'quiet')?.lastSpan;
  });
  expect((now - last) / 60_000).toBeGreaterThan(5);
  expect((now - last) / 60_000).toBeLessThan(10);
});

/** What the Collector's connector sends: each counter every so often, also while it stays as it is. */
async function counted(service: string, values: readonly (readonly [minutes: number, value: number])[]) {
  const namespace = `wt-shop--${service}`;
  const attributes = { status_code: 'STATUS_CODE_UNSET' };
  const point = {
    resource: resourceOf(namespace, service),
    name: otlp.calls,
    kind: 'sum' as const,
    attributes,
  };
  await sendPoints(
    prometheus.url,
    values.map(([minutes, value]) => ({ ...point, time: now - minutes * 60_000, value })),
  );
}

/** A value a minute between two ages in minutes, the older first. */
const each = (from: number, to: number, countAt: (minutes: number) => number) =>
  Array.from({ length: from - to + 1 }, (_, place): readonly [number, number] => [
    from - place,
    countAt(from - place),
  ]);

test('an environment was requested last when its counters grew, and not while they are only there', async () => {
  const collector = {
    resource: resourceOf('coppice', 'collector'),
    name: 'up',
    kind: 'gauge' as const,
    time: now,
  };
  // From before a week ago, as far as Prometheus can tell.
  await counted(
    'standing',
    each(90, 0, () => 41),
  );
  await counted(
    'growing',
    each(90, 0, (minutes) => (minutes > 40 ? 1 : 2)),
  );
  // The first request of a counter, which is gone half an hour later.
  await counted(
    'single',
    each(100, 70, () => 1),
  );
  await counted(
    'just-now',
    each(0, 0, () => 1),
  );
  await counted(
    'restarted',
    each(90, 0, (minutes) => (minutes > 30 ? 100 : 0)),
  );
  await sendPoints(prometheus.url, [{ ...collector, value: 1 }]);
  const ages = await waitFor(async () => {
    const found = await sinceLastRequests(prometheus.asker).catch(() => undefined);
    return found?.has('wt-shop--just-now') ? found : undefined;
  });
  const minutes = (service: string) => (ages.get(`wt-shop--${service}`) ?? Number.NaN) / 60_000;
  const passed = (Date.now() - now) / 60_000;
  expect(minutes('growing')).toBeGreaterThan(40 - 7);
  expect(minutes('growing')).toBeLessThan(41 + passed);
  expect(minutes('single')).toBeGreaterThan(100 - 7);
  expect(minutes('single')).toBeLessThan(101 + passed);
  expect(minutes('just-now')).toBeLessThan(6 + passed);
  // When they began; that one stayed and that one fell to nothing is no request.
  for (const service of ['standing', 'restarted']) expect(minutes(service)).toBeGreaterThan(90 - 7);
});

test('an environment that is gone is known by what it measured last, until it is purged, and it alone', async () => {
  const [gone, longer] = ['wt-shop--gone', 'wt-shop--gone-2'];
  const last = now - 20 * 60_000;
  const keeps = (namespace: string) => keepsAnything.metrics(prometheus.asker, namespace, Date.now());
  await sendPoints(prometheus.url, [
    ...container(gone, 'api', last, 9, 100),
    ...container(longer, 'api', last, 9, 100),
  ]);
  await waitFor(async () => ((await keeps(gone)) && (await keeps(longer)) ? true : undefined));
  expect(await lastMeasured(prometheus.asker, gone)).toBeCloseTo(last, -3);
  expect(await lastMeasured(prometheus.asker, 'wt-shop--never')).toBeUndefined();
  expect(await keeps('wt-shop--never')).toBe(false);
  await purgeMetrics(prometheus.asker, gone);
  expect(await lastMeasured(prometheus.asker, gone)).toBeUndefined();
  expect(await keeps(gone)).toBe(false);
  expect(await lastMeasured(prometheus.asker, longer)).toBeCloseTo(last, -3);
  await purgeMetrics(prometheus.asker, gone);
});
