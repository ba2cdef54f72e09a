import { expect, test } from 'vitest';
import type { Missed } from '../../../../app/environments/away.ts';
import type { ObservedRoute, ObservedService } from '../../../../app/environments/observe.ts';
import {
  busyServices,
  notFound,
  redirects,
  slowSpans,
  wereAway,
} from '../../../../app/environments/suspects.ts';
import type { Span, Trace } from '../../../../servers/telemetry/traces.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const second = 1_000_000;

function span(name: string, more: Partial<Span> = {}): Span {
  const base = { id: name, service: 'api', start: 0, duration: 5, failed: false };
  return { ...base, name, attributes: {}, events: [], ...more };
}
const traceOf = (...spans: [Span, ...Span[]]): Trace => ({
  id,
  namespace: 'wt-shop--main',
  spans,
  foreign: 0,
});
const whats = (suspects: readonly { service: string; what: string; count: number }[]) =>
  suspects.map(({ service, what, count }) => [service, what, count]);

test('time is where it was spent, not in each span above it', () => {
  const root = span('GET /items', { duration: 1.6 * second });
  const query = span('SELECT items', {
    parent: root.id,
    duration: 1.5 * second,
    attributes: { 'db.statement': 'SELECT *\n  FROM items' },
  });
  const slow = traceOf(root, query);
  expect(whats(slowSpans([slow, slow], {}))).toEqual([
    ['api', 'SELECT items took 1.5 s: SELECT * FROM items', 2],
  ]);
  expect(whats(slowSpans([traceOf(root, { ...query, duration: 5 })], {}))).toEqual([
    ['api', 'GET /items took 1.6 s', 1],
  ]);
});

test('neither a quick span, one that failed, nor a workflow is slow', () => {
  const long = { duration: 60 * second };
  const traces = [
    traceOf(span('GET /items')),
    traceOf(span('GET /items', { ...long, failed: true })),
    traceOf(span('RunWorkflow:order', long)),
    traceOf(span('StartActivity:charge', long)),
  ];
  expect(slowSpans(traces, {})).toEqual([]);
  expect(whats(slowSpans([traceOf(span('RunActivity:charge', long))], {}))).toEqual([
    ['api', 'RunActivity:charge took 60.0 s', 1],
  ]);
});

test('requests that nobody answers are counted by path, but not what browsers ask by themselves', () => {
  const asked = (name: string, status = '404') => {
    const path = name.split(' ')[1] ?? '';
    return traceOf(
      span(name, { service: 'web', attributes: { 'url.path': path, 'http.response.status_code': status } }),
    );
  };
  const traces = [
    asked('POST /api/orders'),
    asked('POST /api/orders'),
    asked('GET /favicon.ico'),
    asked('GET /app.js.map'),
    asked('GET /.well-known/x'),
    asked('GET /', '200'),
  ];
  expect(whats(notFound(traces, {}))).toEqual([['web', 'POST /api/orders answered 404', 2]]);
});

test('a service that was not reached for a moment is one only once it answers again', () => {
  const missed = (service: string): Missed => ({
    ...{ service, caller: 'web', request: 'GET /items', traceId: id, at: 0, code: '' },
  });
  const calls = [missed('api'), missed('api'), missed('mail')];
  expect(whats(wereAway(calls, new Set(['api', 'web']), {}))).toEqual([
    ['api', 'was not reached by GET /items for a moment, and answers again', 2],
  ]);
  expect(wereAway(calls, new Set(), {})).toEqual([]);
});

test('a page that redirects to itself is one, unless it sets a cookie or goes elsewhere', () => {
  const url = 'http://main.shop.localhost/';
  const route = (more: Partial<ObservedRoute>): ObservedRoute[] => [
    { service: 'web', url, ready: true, status: 302, ...more },
  ];
  for (const location of ['/', url])
    expect(whats(redirects(route({ location }), {}))).toEqual([
      ['web', `${url} answers 302, a redirect to itself: browsers give up`, 1],
    ]);
  expect(redirects(route({ location: '/login' }), {})).toEqual([]);
  expect(redirects(route({ location: '/', setsCookie: true }), {})).toEqual([]);
  expect(redirects(route({ location: '/', status: 201 }), {})).toEqual([]);
  expect(redirects(route({}), {})).toEqual([]);
});

test('who takes a whole CPU is one only while it does not answer', () => {
  const api: ObservedService = {
    name: 'api',
    state: 'ready',
    wanted: 1,
    ready: 1,
    reasons: [],
    restarts: 0,
  };
  const busy = (cpu: number, answering: readonly string[] = []) =>
    busyServices([{ service: 'api', cpu }], [api], new Set(answering), {}).map(({ what }) => what);
  expect(busy(0.98)[0]).toContain('takes 1.0 of a CPU');
  expect(busy(0.98, ['api'])).toEqual([]);
  expect(busy(0.3)).toEqual([]);
});
