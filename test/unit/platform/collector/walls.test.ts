import { expect, test } from 'vitest';
import { judged } from '../../../../platform/collector/walls.ts';

const embedded = { driver: 'embedded' } as const;
const from = 'wt-shop--main/web-1';
const door = 'collector.coppice.svc:4318';
const store = 'victorialogs.coppice.svc:9428';

test('an environment that reaches the Collector alone is as it should be, and who tried is named', () => {
  const { ok, detail } = judged(embedded, { from, reached: [door] });
  expect([ok, detail]).toEqual([true, `environments reach the Collector alone (tried from ${from})`]);
});

test('a store that an environment reaches is a fault, each by its address', () => {
  const { ok, detail, fix } = judged(embedded, { from, reached: [door, store, 'jaeger.coppice.svc:4317'] });
  expect(ok).toBe(false);
  expect(detail).toMatch(
    /^telemetry stores are reachable from environments, .*: victorialogs.*, jaeger\S+:4317$/,
  );
  expect(fix).toContain('wt cluster start');
});

test("in somebody else's cluster it is told, and not a fault of ours", () => {
  const { ok, detail } = judged({ driver: 'existing' }, { from, reached: [door, store] });
  expect([ok, detail]).toEqual([true, expect.stringContaining('reachable from environments')]);
});

test('a wall in front of the Collector is a fault, and without a pod nothing is claimed', () => {
  expect(judged(embedded, { from, reached: [] }).ok).toBe(false);
  expect(judged(embedded, undefined)).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^not tried/),
  });
});
