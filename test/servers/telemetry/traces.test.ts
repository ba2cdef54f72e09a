import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTrace } from '../../../app/telemetry/trace.ts';
import { findTraces } from '../../../app/telemetry/traces.ts';
import { Attribute } from '../../../core/telemetry.ts';
import { keepsAnything } from '../../../servers/telemetry/kept.ts';
import { readTrace, searchTraces } from '../../../servers/telemetry/traces.ts';
import { waitFor } from './engines.ts';
import { type SentSpan, sendSpans } from './otlp.ts';
import { type StoreAlone, startJaeger } from './stores.ts';

const [main, feature] = ['wt-shop--main', 'wt-shop--feat-b'];
const now = Date.now();
const period = { from: now - 600_000, to: now + 60_000 };
const all = { ...period, limit: 1000 };
const any = { failed: false, period };

const resourceOf = (namespace: string, service: string) => ({
  [Attribute.namespace]: namespace,
  [Attribute.service]: service,
  [Attribute.app]: 'shop',
  [Attribute.environment]: `shop/${namespace.replace('wt-shop--', '')}`,
  [Attribute.pod]: `${service}-5d8f-7c9x4`,
});

/** Of what each span is unless a test says otherwise. */
const span = (namespace: string, service: string, traceId: string, given: Partial<SentSpan>): SentSpan => ({
  resource: resourceOf(namespace, service),
  traceId,
  spanId: traceId.slice(16),
  name: 'GET /',
  start: now - 60_000,
  duration: 20,
  ...given,
});

const failed = { failed: true, attributes: { [Attribute.error]: 'true' } } as const;
const id = (beginning: string) => beginning.padEnd(32, '7');
const order = '4bf92f3577b34da6a3ce929d0e0e4736';
const shared = id('5a5a5a5a');

let jaeger: StoreAlone;
beforeAll(async () => {
  jaeger = await startJaeger();
  await sendSpans(jaeger.url, [
    // One order through two services.
    span(feature, 'api', order, {
      spanId: '00000000000000a1',
      name: 'POST /orders',
      duration: 412,
      ...failed,
    }),
    span(feature, 'api', order, {
      spanId: '00000000000000a2',
      parent: '00000000000000a1',
      name: 'INSERT orders',
      start: now - 59_990,
      duration: 9,
      failed: true,
      attributes: { [Attribute.error]: 'true', 'db.query.text': 'INSERT INTO orders VALUES ($1)' },
      exception: {
        type: 'QueryError',
        message: 'relation "orders" does not exist',
        stack: 'at q (a.ts:1:2)',
      },
    }),
    span(feature, 'worker', order, {
      spanId: '00000000000000b1',
      parent: '00000000000000a1',
      name: 'chargeCard',
      start: now - 59_900,
      duration: 300,
    }),
    // The same services in two environments.
    span(feature, 'api', id('f0'), {}),
    span(feature, 'worker', id('f1'), { name: 'sweep', start: now - 30_000 }),
    span(main, 'api', id('a0'), { duration: 900, ...failed }),
    span(main, 'api', id('a1'), {}),
    span(main, 'worker', id('a2'), {}),
    // A span of main's that claims to be the other's: the Collector would have deleted it.
    span(main, 'api', id('1e'), { name: 'lie', attributes: { [Attribute.namespace]: feature } }),
    // A trace through both.
    span(main, 'web', shared, { spanId: '00000000000000c1', name: 'GET /both' }),
    span(feature, 'api', shared, { spanId: '00000000000000c2', parent: '00000000000000c1', name: 'callee' }),
    // Of nobody.
    {
      ...span(main, 'ghost', id('9e'), { name: 'lost' }),
      resource: { [Attribute.service]: 'api' },
    },
    span(feature, 'api', id('0d'), { name: 'old', start: now - 3 * 3_600_000 }),
  ]);
  const arrived = async (namespace: string) =>
    (await searchTraces(jaeger.asker, namespace, { ...all, from: now - 86_400_000 })).traces.length;
  await waitFor(async () =>
    (await arrived(feature)) === 5 && (await arrived(main)) === 5 ? true : undefined,
  );
});
afterAll(() => jaeger.remove());

const names = async (namespace: string, search = {}) => {
  const { traces } = await searchTraces(jaeger.asker, namespace, { ...all, ...search });
  return traces.flatMap(({ spans }) => spans.map(({ name }) => name)).sort();
};

test('two environments with the same services never mix', async () => {
  expect(await names(feature)).toEqual([
    'GET /',
    'INSERT orders',
    'POST /orders',
    'callee',
    'chargeCard',
    'sweep',
  ]);
  expect(await names(main)).toEqual(['GET /', 'GET /', 'GET /', 'GET /both', 'lie']);
});

test("a span that carries the other's attribute stays where its resource is", async () => {
  // Jaeger itself finds it for the other one: it is the check of the answer that keeps it out.
  const answer = await jaeger.asker.json('/api/traces', {
    service: 'api',
    tags: JSON.stringify({ [Attribute.namespace]: feature }),
    start: period.from * 1000,
    end: period.to * 1000,
  });
  expect(JSON.stringify(answer)).toContain('"lie"');
  expect(await names(feature)).not.toContain('lie');
  expect(await readTrace(jaeger.asker, feature, id('1e'))).toBeUndefined();
  expect(await readTrace(jaeger.asker, main, id('1e'))).toMatchObject({ environment: 'shop/main' });
});

test('of a trace through two environments each sees its own spans, and how many there are besides', async () => {
  const found = await readTrace(jaeger.asker, feature, shared);
  expect(found).toMatchObject({ foreign: 1, spans: [{ name: 'callee' }] });
  expect(await readTrace(jaeger.asker, main, shared)).toMatchObject({
    foreign: 1,
    spans: [{ name: 'GET /both' }],
  });
});

test('all environments at once are each apart, without what is nobody’s', async () => {
  const { traces } = await searchTraces(jaeger.asker, undefined, all);
  expect(
    traces
      .filter((trace) => trace.id === shared)
      .map(({ namespace }) => namespace)
      .sort(),
  ).toEqual([feature, main]);
  expect(traces.flatMap(({ spans }) => spans.map(({ name }) => name))).not.toContain('lost');
});

test('a trace through several services is whole, with what failed in it', async () => {
  const trace = await readTrace(jaeger.asker, feature, order);
  expect(trace?.spans.map(({ service, name, parent, failed }) => [service, name, parent, failed])).toEqual([
    ['api', 'POST /orders', undefined, true],
    ['api', 'INSERT orders', '00000000000000a1', true],
    ['worker', 'chargeCard', '00000000000000a1', false],
  ]);
  expect(trace?.spans[1]).toMatchObject({
    duration: 9000,
    pod: 'api-5d8f-7c9x4',
    attributes: { 'db.query.text': 'INSERT INTO orders VALUES ($1)' },
    events: [{ name: 'exception', attributes: { 'exception.message': 'relation "orders" does not exist' } }],
  });
});

test('a trace is found by eight digits, and by all of them however old it is', async () => {
  expect((await findTrace(jaeger.asker, feature, '4bf92f35'))?.id).toBe(order);
  expect((await findTrace(jaeger.asker, feature, id('0d')))?.spans[0].name).toBe('old');
  expect((await findTrace(jaeger.asker, feature, id('0d').slice(0, 8)))?.spans[0].name).toBe('old');
});

test('another environment’s trace is not found by its id, whole or in part', async () => {
  expect(await findTrace(jaeger.asker, main, order)).toBeUndefined();
  expect(await findTrace(jaeger.asker, main, '4bf92f35')).toBeUndefined();
  expect(await findTrace(jaeger.asker, feature, 'ffffffffffffffffffffffffffffffff')).toBeUndefined();
});

test('digits with which several traces begin are refused, with more of each', async () => {
  await sendSpans(jaeger.url, [
    span(feature, 'api', id('cccc1'), { name: 'one' }),
    span(feature, 'api', id('cccc2'), { name: 'two' }),
  ]);
  await waitFor(async () => ((await names(feature)).includes('two') ? true : undefined));
  await expect(findTrace(jaeger.asker, feature, 'cccc')).rejects.toMatchObject({
    code: 'COPPICE_AMBIGUOUS',
    message: '2 traces begin with cccc',
  });
});

test('errors, slow ones, a service and a text filter, and the totals are of all', async () => {
  const of = async (filter: object) => {
    const { matching, totals } = await findTraces(jaeger.asker, feature, { ...any, ...filter });
    expect(totals.traces).toBeGreaterThanOrEqual(4);
    return matching.map(({ root }) => root.name).sort();
  };
  expect(await of({ failed: true })).toEqual(['POST /orders']);
  expect(await of({ atLeast: 100 })).toEqual(['POST /orders']);
  expect(await of({ service: 'worker' })).toEqual(['POST /orders', 'sweep']);
  expect(await of({ text: 'RELATION "orders"' })).toEqual(['POST /orders']);
  expect(await of({ text: 'charge', service: 'api' })).toEqual(['POST /orders']);
  expect(await of({ text: 'nothing like it' })).toEqual([]);
});

test('the store itself filters by errors and duration, for what is older than the newest', async () => {
  expect(await names(feature, { failed: true })).toEqual(['INSERT orders', 'POST /orders', 'chargeCard']);
  expect(await names(main, { atLeast: 500 })).toEqual(['GET /']);
  const { traces, cut } = await searchTraces(jaeger.asker, feature, { ...all, limit: 1 });
  expect(cut).toBe(true);
  expect(traces.length).toBeGreaterThanOrEqual(1);
});

test('a period without traces has none of 0', async () => {
  const empty = { from: now - 86_400_000, to: now - 80_000_000 };
  expect(await findTraces(jaeger.asker, feature, { failed: true, period: empty })).toEqual({
    totals: { traces: 0, failed: 0 },
    cut: false,
    matching: [],
  });
  expect(await findTraces(jaeger.asker, 'wt-shop--other', any)).toMatchObject({ totals: { traces: 0 } });
});

test('an environment is known by one trace, and by none of another environment', async () => {
  expect(await keepsAnything.traces(jaeger.asker, main, Date.now())).toBe(true);
  expect(await keepsAnything.traces(jaeger.asker, 'wt-shop--mai', Date.now())).toBe(false);
});
