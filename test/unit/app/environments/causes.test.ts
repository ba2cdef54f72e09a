import { expect, test } from 'vitest';
import {
  type Cause,
  causesInLogs,
  causesInState,
  causesInTraces,
  causesInWorkflows,
  causesOfUp,
  isOthers,
  ordered,
} from '../../../../app/environments/causes.ts';
import type { ObservedEnvironment } from '../../../../app/environments/observe.ts';
import type { Span, Trace } from '../../../../servers/telemetry/traces.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const seen: ObservedEnvironment = {
  namespace: 'wt-shop--main',
  ending: false,
  stopped: false,
  schedulesPaused: false,
  environmentId: undefined,
  repository: undefined,
  branch: undefined,
  worktree: undefined,
  commit: undefined,
  created: undefined,
  services: [
    { name: 'web', state: 'ready', wanted: 1, ready: 1, reasons: [], restarts: 0 },
    {
      name: 'api',
      state: 'failing',
      wanted: 1,
      ready: 0,
      reasons: ['crashes: exit code 1'],
      error: 'Error: no DATABASE_URL',
      restarts: 4,
      exitCode: 1,
      ended: true,
    },
    { name: 'worker', state: 'ready', wanted: 1, ready: 1, reasons: [], restarts: 2, exitCode: 137 },
  ],
  installs: [{ name: 'web', state: 'incomplete', volume: 'v' } as never],
  urls: [],
  routes: [{ service: 'web', url: 'http://main.shop.localhost/', ready: false, status: 502 }],
};

test('pods that crash or restarted, routes that answer 5xx and incomplete packages are causes of now', () => {
  const problem = { kind: 'branch' as const, what: 'its worktree is on another branch' };
  const causes = causesInState(seen, [problem], 0, { environment: 'feat/b' });
  expect(causes.map(({ what, next }) => [what, next])).toEqual([
    ['its worktree is on another branch', 'wt status feat/b'],
    ['api crashes: exit code 1: Error: no DATABASE_URL', 'wt logs api --env feat/b --previous'],
    ['worker restarted 2 times, last with exit code 137', 'wt logs worker --env feat/b --previous'],
    ['http://main.shop.localhost/ answers 502', 'wt logs web --env feat/b'],
    ['packages of web are incomplete', 'wt up feat/b'],
  ]);
  expect(causesInState({ ...seen, stopped: true }, [], 0, {})).toEqual([]);
});

test('a route says what its service waits for, once, and nothing where the service fails', () => {
  const service = (state: 'starting' | 'failing' | 'ready') => ({
    ...seen,
    installs: [],
    services: [
      { name: 'web', state, wanted: 1, ready: 0, reasons: ['does not answer /healthz'], restarts: 0 },
    ],
    routes: ['/', '/api'].map((path) => ({
      service: 'web',
      url: `http://x${path}`,
      ready: false,
      status: 503,
    })),
  });
  const whats = (state: 'starting' | 'failing' | 'ready') =>
    causesInState(service(state), [], 0, {}).map(({ what }) => what);
  expect(whats('starting')).toEqual(['web does not answer /healthz']);
  expect(whats('failing')).toEqual(['web does not answer /healthz']);
  expect(whats('ready')).toEqual(['http://x/ answers 503', 'http://x/api answers 503']);
});

test('a restart of what runs again is a cause with its time, and only since the last up', () => {
  const again = {
    name: 'web',
    state: 'ready' as const,
    wanted: 1,
    ready: 1,
    reasons: [],
    restarts: 1,
    endedAt: 500,
  };
  const alone = { ...seen, services: [again], installs: [], routes: [] };
  expect(causesInState(alone, [], 400, {})).toMatchObject([{ what: 'web restarted once', last: 500 }]);
  expect(causesInState(alone, [], 600, {})).toEqual([]);
  const failing = { ...alone, services: [{ ...again, state: 'failing' as const }] };
  expect(causesInState(failing, [], 600, {})[0]).not.toHaveProperty('last');
});

test('an up that failed is a cause for each resource', () => {
  expect(causesOfUp({ at: 5, messages: ['the migration failed:\n\nno table x'] }, {})).toMatchObject([
    { signal: 'up', what: 'up failed: the migration failed: | no table x', last: 5, next: 'wt up' },
  ]);
});

test('workflows are causes when they are stuck, or failed since the last up, and alike ones are one', () => {
  const workflow = (id: string, kind: string, ended?: string) => ({
    id,
    type: 'order',
    kind,
    started: '2026-01-01T00:00:00Z',
    reason: `card ${id} declined`,
    ...(ended === undefined ? {} : { ended }),
  });
  const list = [
    workflow('1', 'failed', '2026-01-01T00:02:00Z'),
    workflow('2', 'failed', '2026-01-01T00:03:00Z'),
    workflow('3', 'failed', '2026-01-01T00:00:30Z'),
    workflow('4', 'running'),
    workflow('5', 'stuck'),
  ];
  const causes = causesInWorkflows(list, Date.parse('2026-01-01T00:01:00Z'), {});
  expect(causes.map(({ what, count, next }) => [what, count, next])).toEqual([
    ['workflow order failed: card 2 declined', 2, 'wt workflows show 2'],
    ['workflow order is stuck: card 5 declined', 1, 'wt workflows show 5'],
  ]);
});

function span(id: string, parent: string | undefined, more: Partial<Span> = {}): Span {
  const base = { service: 'api', name: 'POST /orders', start: 1_000_000, duration: 5, failed: true };
  return { id, ...(parent === undefined ? {} : { parent }), ...base, attributes: {}, events: [], ...more };
}

test('a failure is where it began, not each span above it', () => {
  const spans: Trace['spans'] = [
    span('a', undefined, { service: 'gateway', attributes: { 'http.response.status_code': '500' } }),
    span('b', 'a'),
    span('c', 'b', {
      name: 'INSERT orders',
      events: [
        { name: 'exception', attributes: { 'exception.message': 'relation "orders" does not exist\nmore' } },
      ],
    }),
    span('d', 'b', { failed: false }),
  ];
  const traces: Trace[] = [trace, `f${trace.slice(1)}`].map((id) => ({
    id,
    namespace: 'wt-shop--main',
    spans,
    foreign: 0,
  }));
  expect(causesInTraces(traces, {})).toEqual([
    {
      signal: 'trace',
      service: 'api',
      what: 'INSERT orders: relation "orders" does not exist',
      count: 2,
      first: 1000,
      last: 1000,
      traceId: trace,
      next: 'wt trace 4bf92f35',
    },
  ]);
  const alone = [{ id: trace, namespace: 'n', spans: [spans[0]] as const, foreign: 0 }] as unknown as Trace[];
  expect(causesInTraces(alone, {})[0]?.what).toBe('POST /orders: answered 500');
});

const inTrace = (...spans: Span[]): Trace[] => [
  { id: trace, namespace: 'wt-shop--main', spans: spans as unknown as Trace['spans'], foreign: 0 },
];

test('an attempt that was repeated with success is no cause, unless what asked for it failed all the same', () => {
  const attempt = (id: string, start: number, failed: boolean) =>
    span(id, 'a', { name: 'RunActivity:charge', start, failed });
  const [bad, good] = [attempt('b', 1_000, true), attempt('c', 2_000, false)];
  const workflow = span('a', undefined, { failed: false });
  expect(causesInTraces(inTrace(workflow, bad, good), {})).toEqual([]);
  expect(causesInTraces(inTrace(workflow, good, { ...bad, start: 3_000 }), {})).toHaveLength(1);
  expect(causesInTraces(inTrace(workflow, bad, { ...good, name: 'RunActivity:ship' }), {})).toHaveLength(1);
  expect(causesInTraces(inTrace({ ...workflow, id: 'z' }, bad, good), {})).toHaveLength(1);
});

test('neither what wt asked itself nor what is older than the last up counts', () => {
  const asked = span('a', undefined, { attributes: { 'user_agent.original': 'coppice' } });
  expect(inTrace(asked, span('b', 'a')).filter(isOthers)).toEqual([]);
  expect(inTrace(span('b', 'a')).filter(isOthers)).toHaveLength(1);
  expect(causesInTraces(inTrace(span('a', undefined)), {}, { since: 1_001 })).toEqual([]);
  expect(causesInTraces(inTrace(span('a', undefined)), {}, { since: 999 })).toHaveLength(1);
});

test('what the gateway did not reach has the name of the request, and is over once the service answers', () => {
  const status = { 'http.response.status_code': '502' };
  const root = span('a', undefined, { name: 'GET /items' });
  const passed = span('b', 'a', { name: 'ReverseProxy', attributes: status });
  expect(causesInTraces(inTrace(root, passed), {})[0]?.what).toBe('GET /items: answered 502');
  const answering = new Set(['api']);
  expect(causesInTraces(inTrace(root, passed), {}, { answering })).toEqual([]);
  // The service itself said so.
  const served = span('c', 'b', { name: 'GET', attributes: status });
  expect(causesInTraces(inTrace(root, passed, served), {}, { answering })).toHaveLength(1);
});

test('a connection that failed names the address', () => {
  const attributes = {
    'server.address': 'postgres.coppice.svc',
    'server.port': '5432',
    'otel.status_description': 'error (code: ECONNREFUSED)',
  };
  const said = (more: Record<string, string>) =>
    causesInTraces(inTrace(span('a', undefined, { attributes: { ...attributes, ...more } })), {})[0]?.what;
  expect(said({})).toBe('POST /orders: error (code: ECONNREFUSED) (postgres.coppice.svc:5432)');
  expect(said({ 'otel.status_description': 'syntax error' })).toBe('POST /orders: syntax error');
});

test('a workflow that its starter finds running is no failure', () => {
  const events = (said: string) => [{ name: 'exception', attributes: { 'exception.message': said } }];
  const start = (name: string, said: string) =>
    causesInTraces(inTrace(span('a', undefined, { name, events: events(said) })), {});
  expect(start('StartWorkflow:order', 'Workflow execution already started')).toEqual([]);
  expect(start('StartWorkflow:order', 'namespace shop-prod is not found')).toHaveLength(1);
  expect(start('INSERT jobs', 'the job was already started')).toHaveLength(1);
});

test('a failing span has the place in the code of the app', () => {
  const attributes = {
    'exception.message': 'no table',
    'exception.stacktrace':
      'Error: no table\n    at q (/app/node_modules/pg/a.js:1:2)\n    at order (file:///app/api/orders.js:27:13)',
  };
  const [cause] = causesInTraces(
    inTrace(span('a', undefined, { events: [{ name: 'exception', attributes }] })),
    {},
  );
  expect(cause?.what).toBe('POST /orders: no table at /app/api/orders.js:27:13');
});

test('of lines only errors are causes, and a trace that a line names is not a second one', () => {
  const group = {
    level: 'error' as const,
    namespace: 'n',
    service: 'api',
    pattern: 'x',
    count: 3,
    first: '2026-01-01T00:00:00Z',
    last: '2026-01-01T00:01:00Z',
    example: 'no table',
    traceId: trace,
  };
  const causes = causesInLogs([group, { ...group, level: 'warn' }], {});
  expect(causes).toHaveLength(1);
  const traced: Cause = { signal: 'trace', what: 'y', count: 1, last: 1, traceId: trace, next: '' };
  const now: Cause = { signal: 'state', what: 'z', count: 1, next: '' };
  const often: Cause = { ...traced, count: 2 };
  expect(ordered([traced, ...causes, now]).map(({ signal }) => signal)).toEqual(['state', 'log']);
  expect(ordered([often, ...causes, now]).map(({ signal }) => signal)).toEqual(['state', 'log', 'trace']);
});
