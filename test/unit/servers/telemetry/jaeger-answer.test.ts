import { expect, test } from 'vitest';
import { tracesIn } from '../../../../servers/telemetry/jaeger-answer.ts';

const named = (operationName: string, tags: Readonly<Record<string, string>>) =>
  tracesIn({
    data: [
      {
        traceID: 'a',
        spans: [
          {
            spanID: 'b',
            processID: 'p1',
            operationName,
            startTime: 1,
            duration: 2,
            tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
          },
        ],
        processes: {
          p1: { serviceName: 'web', tags: [{ key: 'k8s.namespace.name', value: 'wt-shop--main' }] },
        },
      },
    ],
  })[0]?.spans[0].name;

test.each([
  ['GET', { 'url.path': '/items/7' }, 'GET /items/7'],
  ['POST', { 'http.target': '/orders?draft=1' }, 'POST /orders'],
  ['GET /items/:id', { 'url.path': '/items/7' }, 'GET /items/:id'],
  ['GET', {}, 'GET'],
  ['get', { 'url.path': '/items/7' }, 'get'],
])('a span %j with %j is called %j', (name, tags, expected) => {
  expect(named(name, tags)).toBe(expected);
});
