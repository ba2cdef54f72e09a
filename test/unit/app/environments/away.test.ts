import type { V1Service } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { addressesOf, missedIn, tellsOfMissed } from '../../../../app/environments/away.ts';
import { causesInTraces } from '../../../../app/environments/causes.ts';
import type { LogGroup } from '../../../../servers/telemetry/logs.ts';
import type { Span, Trace } from '../../../../servers/telemetry/traces.ts';

const api: V1Service = {
  metadata: { name: 'api', namespace: 'wt-shop--main' },
  spec: { clusterIP: '10.214.1.2', ports: [{ port: 4000 }] },
};
const addresses = addressesOf([api]);
const both = new Set(['api', 'web']);
const noon = Date.parse('2026-01-01T12:00:00Z');

function span(id: string, parent: string | undefined, more: Partial<Span> = {}): Span {
  const base = { service: 'web', name: 'GET /', start: noon * 1000, duration: 5, failed: true };
  return { id, ...(parent === undefined ? {} : { parent }), ...base, attributes: {}, events: [], ...more };
}
const traceOf = (...spans: [Span, ...Span[]]): Trace => ({
  id: '4bf92f3577b34da6a3ce929d0e0e4736',
  namespace: 'wt-shop--main',
  spans,
  foreign: 0,
});
const scope = { 'otel.scope.name': 'github.com/traefik/traefik' };
const status = (code: string) => ({ 'http.response.status_code': code });

/** The page asks api, and is told so. */
const call = (said: string, host = 'api', port = '4000') =>
  traceOf(
    span('a', undefined, { attributes: { ...scope, ...status('502') } }),
    span('b', 'a', { name: 'ReverseProxy', attributes: { ...scope, ...status('502') } }),
    span('c', 'b', { attributes: status('502') }),
    span('d', 'c', {
      name: 'GET /items',
      attributes: { 'server.address': host, 'server.port': port },
      events: [{ name: 'exception', attributes: { 'exception.message': said } }],
    }),
  );
const missed = (trace: Trace) =>
  missedIn([trace], addresses).map(({ service, caller, request }) => [service, caller, request]);

test('a service has the addresses by which others call it', () => {
  expect([...addresses.keys()]).toEqual([
    'api:4000',
    'api.wt-shop--main:4000',
    'api.wt-shop--main.svc:4000',
    'api.wt-shop--main.svc.cluster.local:4000',
    '10.214.1.2:4000',
  ]);
  expect(addressesOf([{}])).toEqual(new Map());
});

test.each([
  'connect ECONNREFUSED 10.214.1.2:4000',
  'read ECONNRESET',
  'socket hang up',
  'other side closed',
  'connect EHOSTUNREACH 10.214.1.2:4000',
  'dial tcp 10.214.1.2:4000: connect: connection refused',
  '[Errno 111] Connection refused',
])('a call that ended with "%s" is over once the service answers', (said) => {
  expect(missed(call(said))).toEqual([['api', 'web', 'GET /items']]);
  expect(causesInTraces([call(said)], {}, { answering: both, addresses })).toEqual([]);
  expect(causesInTraces([call(said)], {}, { answering: new Set(['web']), addresses })).toHaveLength(1);
});

test('another port, another host or another failure stays a cause', () => {
  const refused = 'connect ECONNREFUSED';
  for (const trace of [
    call(`${refused} 10.214.1.2:4001`, 'api', '4001'),
    call(`${refused} 10.9.9.9:4000`, 'stripe'),
    call('HTTP 500'),
  ]) {
    expect(missed(trace)).toEqual([]);
    expect(causesInTraces([trace], {}, { answering: both, addresses })).toHaveLength(1);
  }
});

test('the gateway says by its status that it had nobody to ask', () => {
  const root = (code: string) => span('a', undefined, { attributes: { ...scope, ...status(code) } });
  expect(missed(traceOf(root('503')))).toEqual([['web', 'web', 'GET /']]);
  expect(missed(traceOf(root('500')))).toEqual([]);
  // The service itself answered.
  expect(missed(traceOf(root('503'), span('b', 'a', { attributes: status('503') })))).toEqual([]);
});

const lines = (example: string, more: Partial<LogGroup> = {}): LogGroup => {
  const times = { first: new Date(noon + 200).toISOString(), last: new Date(noon + 900).toISOString() };
  const base = {
    level: 'error' as const,
    namespace: 'wt-shop--main',
    service: 'web',
    pattern: 'x',
    count: 3,
  };
  return { ...base, ...times, example, ...more };
};

test('lines tell of it by the address', () => {
  const tells = (example: string, answering = both) =>
    tellsOfMissed(lines(example), [], answering, addresses);
  const away = 'api at http://api:4000 does not answer: fetch failed: connect ECONNREFUSED 10.214.1.2:4000';
  expect(tells(away)).toBe(true);
  expect(tells('http://api:4000: socket hang up')).toBe(true);
  expect(tells(away, new Set(['web']))).toBe(false);
  expect(tells('api at http://api:4000 said: connect ECONNREFUSED 127.0.0.1:5432')).toBe(false);
  expect(tells('connect ECONNREFUSED 10.214.1.2:40001')).toBe(false);
  expect(tells('http://api:4000 answered 500')).toBe(false);
});

test('lines without an address tell of it if the spans of their service do at the same time', () => {
  const calls = missedIn([call('read ECONNRESET')], addresses);
  const tells = (more: Partial<LogGroup>, example = 'fetch failed: read ECONNRESET') =>
    tellsOfMissed(lines(example, more), calls, both, addresses);
  expect(tells({})).toBe(true);
  expect(tells({ service: 'worker' })).toBe(false);
  expect(tells({}, 'fetch failed: socket hang up')).toBe(false);
  expect(tells({ last: new Date(noon + 60_000).toISOString() })).toBe(false);
});
