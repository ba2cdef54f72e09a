import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import type { Cause } from '../../../../../app/environments/causes.ts';
import type { EnvironmentErrors } from '../../../../../app/environments/errors.ts';
import { errorsReport, wholeErrors } from '../../../../../cli/ui/failures/report.ts';
import { errorsDocument } from '../../../../../cli/ui/failures/schema.ts';

const to = new Date(2026, 0, 2, 12, 0, 0);
const minutes = (count: number) => to.getTime() - count * 60_000;
const look = { target: {}, full: false };

function found(causes: readonly Cause[], more: Partial<EnvironmentErrors> = {}): EnvironmentErrors {
  const name = { app: 'shop', slug: 'main', namespace: 'wt-shop--main' };
  const since = new Date(minutes(30));
  return { name, state: 'degraded', since, to, lines: 'store', causes, suspects: [], unseen: [], ...more };
}

const causes: Cause[] = [
  {
    signal: 'state',
    service: 'web',
    what: 'web crashes: exit code 1',
    count: 4,
    next: 'wt logs web --previous',
  },
  {
    signal: 'log',
    service: 'api',
    what: 'no table "orders"\n    at x (/app/db.js:1:2)',
    count: 9,
    first: minutes(10),
    last: minutes(2),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    next: 'wt trace 4bf92f35',
  },
];

test('each cause has its count, times, place and trace, and the next command', () => {
  expect(errorsReport(found(causes), look).split('\n')).toEqual([
    'shop/main: degraded  last 30 m, since the last up  2 causes',
    '  n  from   first     last      what',
    '  4  state            now       web crashes: exit code 1',
    '      next: wt logs web --previous',
    '  9  log    11:50:00  11:58:00  api: no table "orders" at /app/db.js:1:2  trace 4bf92f35',
    '      next: wt trace 4bf92f35',
  ]);
});

test('a path that has the name of a service is not taken for the service', () => {
  const said = (what: string) =>
    errorsReport(found([{ signal: 'trace', service: 'api', what, count: 1, next: '' }]), look);
  expect(said('GET /api/orders: answered 500')).toContain('api: GET /api/orders: answered 500');
  expect(said('api at http://api:4000 does not answer')).not.toContain('api: api');
});

test('the place at the end of a long message stays', () => {
  const what = `${'x'.repeat(300)} (/app/api/server.js:27:13)`;
  const text = errorsReport(found([{ signal: 'state', what, count: 1, next: '' }]), look);
  expect(text).toContain('… (/app/api/server.js:27:13)');
});

test('suspects stand below the causes, and alone they are no failure', () => {
  const suspects = [1, 2, 3, 4].map((count) => ({
    kind: 'slow' as const,
    service: 'api',
    what: `GET /items/${count} took 1.5 s`,
    count,
    next: 'wt trace 4bf92f35',
  }));
  expect(errorsReport(found([], { state: 'up', suspects }), look).split('\n')).toEqual([
    'shop/main: up  last 30 m, since the last up  0 causes: nothing failed',
    'did not fail, and may be worth a look:',
    '  api: GET /items/1 took 1.5 s  wt trace 4bf92f35',
    '  api: GET /items/2 took 1.5 s (2 times)  wt trace 4bf92f35',
    '  api: GET /items/3 took 1.5 s (3 times)  wt trace 4bf92f35',
    '  … 1 more: --full',
    'next: wt logs',
  ]);
  expect(errorsDocument.parse(wholeErrors(found([], { suspects }))).suspects).toHaveLength(4);
});

test('says that nothing failed, whose lines it read, and what it could not ask', () => {
  const silent = { state: 'up', lines: 'pods', unseen: ['Jaeger is not ready'] } as const;
  expect(errorsReport(found([], silent), look).split('\n')).toEqual([
    'shop/main: up  last 30 m, since the last up  0 causes: nothing failed',
    '  not asked: Jaeger is not ready',
    "  lines are from the pods' own logs",
    'next: wt logs',
  ]);
});

test('does not say that nothing failed while it starts', () => {
  expect(errorsReport(found([], { state: 'starting' }), look)).toContain(
    '0 causes so far: it is still starting',
  );
});

test('many causes take at most 600 tokens, and all are there with --full', () => {
  const many = Array.from({ length: 200 }, (_, n): Cause => {
    const what = `${n} connect ECONNREFUSED 10.0.0.${n}:5432 4bf92f3577b34da6 ${'ΩΩ "x":7 '.repeat(40)}`;
    return {
      signal: 'log',
      service: 'api',
      what,
      count: n + 1,
      first: minutes(9),
      last: minutes(1),
      next: 'wt logs',
    };
  });
  const text = errorsReport(found(many), look);
  expect(countTokens(text)).toBeLessThanOrEqual(600);
  expect(text).toMatch(/… \d+ more causes: wt errors --full$/);
  expect(errorsReport(found(many), { ...look, full: true })).toContain('199 connect');
});

test('documents are as the schema says', () => {
  const document: unknown = JSON.parse(JSON.stringify(wholeErrors(found(causes))));
  expect(errorsDocument.parse(document)).toEqual(document);
});

test('an environment that is gone is told as that, with what it said, and has not failed for it', () => {
  const since = new Date(to.getTime() - 31 * 86_400_000);
  const gone = { state: 'gone', since };
  expect(errorsReport(found([], gone), look)).toContain(
    'shop/main: gone; what it said is kept  all that is kept  0 causes: nothing failed',
  );
  expect(errorsReport(found(causes, gone), look)).not.toContain('since the last up');
  expect(errorsDocument.parse(wholeErrors(found(causes, gone)))).toMatchObject({ state: 'gone', total: 2 });
});
