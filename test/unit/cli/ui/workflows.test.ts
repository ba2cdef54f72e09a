import { describe, expect, test } from 'vitest';
import { uiUrl } from '../../../../app/workflows/namespace.ts';
import { historyReport } from '../../../../cli/ui/history.ts';
import { type Listed, listing, summary } from '../../../../cli/ui/workflows.ts';
import type {
  WorkflowHistory,
  WorkflowLine,
  WorkflowList,
} from '../../../../servers/temporal/workflows/types.ts';

const now = Date.parse('2026-01-05T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

const workflow = (id: string, changes: Partial<WorkflowLine> = {}): WorkflowLine => ({
  id,
  runId: `run-${id}`,
  type: 'placeOrder',
  taskQueue: 'orders',
  status: 'Running',
  kind: 'running',
  started: ago(12),
  ...changes,
});

const found = (changes: Partial<WorkflowList> = {}): WorkflowList => ({
  namespace: 'wt-shop--main',
  workflows: [],
  total: { running: 0, failed: 0 },
  cut: false,
  ...changes,
});

const listed = (changes: Partial<Listed> = {}): Listed => ({
  whose: 'shop/main',
  target: {},
  ui: undefined,
  limit: 20,
  now,
  ...changes,
});

const three = found({
  workflows: [
    workflow('order-17', { kind: 'stuck', started: ago(300), reason: 'no worker polls\n  orders' }),
    workflow('order-12', {
      kind: 'failed',
      status: 'TimedOut',
      started: ago(90_000),
      ended: ago(7_200),
      reason: 'it took longer than 10 s',
    }),
    workflow('order-18'),
  ],
  total: { running: 2, failed: 1 },
});

describe('wt workflows', () => {
  test('prints a line each, what needs attention first, and ends with 1 when one is stuck', () => {
    const ui = 'http://temporal.localhost/namespaces/wt-shop--main/workflows';
    const { text, exitCode } = listing(three, listed({ ui }));
    expect(text.split('\n')).toEqual([
      'shop/main: 1 stuck, 1 failed in the last 24 hours, 1 running (wt-shop--main)',
      '  order-17  placeOrder  stuck      5 min  no worker polls orders',
      '  order-12  placeOrder  timed out  2 h    it took longer than 10 s',
      '  order-18  placeOrder  running    12 s',
      '  try: wt workflows show order-17',
      `  ${ui}`,
    ]);
    expect(exitCode).toBe(1);
  });

  test('ends with 0 when workflows run or have failed, and none is stuck', () => {
    const workflows = three.workflows.slice(1);
    expect(listing(found({ workflows, total: { running: 1, failed: 1 } }), listed()).exitCode).toBe(0);
  });

  test('reports that there is none', () => {
    expect(listing(found(), listed()).text).toBe(
      'shop/main: no workflow runs, none failed in the last 24 hours (wt-shop--main)',
    );
  });

  test('shows up to the limit of each kind, and counts the rest', () => {
    const workflows = [...three.workflows, workflow('order-19'), workflow('order-20')];
    const many = found({ workflows, total: { running: 900, failed: 1 }, cut: true });
    const lines = listing(many, listed({ limit: 1 })).text.split('\n');
    expect(lines.filter((line) => line.includes('placeOrder'))).toHaveLength(3);
    expect(lines).toContain('  and 898 more: --limit 2; not all of them were examined');
  });

  test('as JSON is one document', () => {
    const { json } = listing(three, listed());
    expect(json).toMatchObject({
      environment: 'shop/main',
      namespace: 'wt-shop--main',
      stuck: 1,
      running: 2,
      failed: 1,
      workflows: [{ id: 'order-17', kind: 'stuck' }, { id: 'order-12' }, { id: 'order-18' }],
    });
  });

  test('as JSON has all that were listed, and shows when there are more', () => {
    const workflows = [...three.workflows, workflow('order-19'), workflow('order-20')];
    const of = (total: WorkflowList['total']) =>
      listing(found({ workflows, total }), listed({ limit: 1 })).json as WorkflowList;
    expect(of({ running: 4, failed: 1 })).toMatchObject({ workflows, cut: false });
    expect(of({ running: 4, failed: 2 })).toMatchObject({ workflows, cut: true });
  });

  test('cuts a reason that is too long', () => {
    const reason = 'x'.repeat(500);
    const { text } = listing(
      found({ workflows: [workflow('a', { kind: 'failed', reason })], total: { running: 0, failed: 1 } }),
      listed(),
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(220);
  });

  test('suggests the next verb for the environment that was named, with the id quoted for a shell', () => {
    const strange = found({ workflows: [workflow("it's 5 o'clock")], total: { running: 1, failed: 0 } });
    const target = { environment: 'feat/b', as: 'demo' };
    expect(listing(strange, listed({ target })).text).toContain(
      `\n  try: wt workflows show 'it'\\''s 5 o'\\''clock' --env feat/b --as demo`,
    );
  });

  test('counts as running only those that are not stuck', () => {
    expect(summary(three)).toBe('1 stuck, 1 failed in the last 24 hours, 1 running');
    expect(summary(found({ total: { running: 3, failed: 0 } }))).toBe('3 running');
  });
});

const history = (changes: Partial<WorkflowHistory> = {}): WorkflowHistory => ({
  id: 'order-17',
  runId: 'run-1',
  type: 'placeOrder',
  status: 'Failed',
  taskQueue: 'orders',
  started: ago(300),
  ended: ago(60),
  inputBytes: 120,
  startedBy: '12@shop-api',
  entries: [],
  left: { events: 23, activitiesCompleted: 1, timersFired: 2, signals: 0, childWorkflowsCompleted: 0 },
  cut: false,
  ...changes,
});

describe('wt workflows show', () => {
  test("shows what failed in the order of time, with each failure's message and cause", () => {
    const entries: WorkflowHistory['entries'] = [
      {
        kind: 'activity failed',
        time: ago(120),
        name: 'charge',
        attempts: 3,
        summary: 'CardDeclined',
        failure: {
          message: 'no money',
          type: 'CardDeclined',
          stack: ['    at charge (activities.js:9:11)'],
          cause: { message: 'the bank said 402' },
        },
      },
      { kind: 'end', time: ago(60), name: 'placeOrder', summary: 'Failed' },
    ];
    const ui = uiUrl({ kind: 'platform' }, 8080, 'wt-shop--main', { id: 'order-17', runId: 'run-1' });
    expect(historyReport(history({ entries }), { ui, now }).text.split('\n')).toEqual([
      'order-17 (placeOrder): Failed, ended 60 s ago',
      '  run         run-1',
      '  started     5 min ago by 12@shop-api, 120 B of input',
      '  task queue  orders',
      '',
      '  11:58:00Z  activity failed: charge, tried 3 times: CardDeclined',
      '             CardDeclined: no money',
      '             | at charge (activities.js:9:11)',
      '             because: the bank said 402',
      '  11:59:00Z  ended: Failed',
      '',
      '  left out: 1 completed activity, 2 timers; 23 events in all',
      '  http://temporal.localhost:8080/namespaces/wt-shop--main/workflows/order-17/run-1',
    ]);
  });

  test('shows when something is retried', () => {
    const next = new Date(now + 20_000).toISOString();
    const entries: WorkflowHistory['entries'] = [
      { kind: 'activity retries', time: ago(5), name: 'charge', attempts: 4, summary: 'no answer', next },
    ];
    const { ended: _, ...runs } = history({ status: 'Running', entries });
    const { text } = historyReport(runs, { ui: undefined, now });
    expect(text).toContain('activity retries: charge, tried 4 times, again in 20 s: no answer');
    expect(text.split('\n')[0]).toBe('order-17 (placeOrder): Running');
  });

  test('as JSON has the whole history, and its page in the UI', () => {
    const ui = 'http://temporal.localhost/x';
    expect(historyReport(history(), { ui, now }).json).toEqual({ ...history(), ui });
  });

  test('reports that nothing failed, or that not all was read', () => {
    const { text } = historyReport(history({ status: 'Completed', cut: true }), { ui: undefined, now });
    expect(text).toContain('\n  nothing failed\n');
    expect(text).toMatch(/the history is longer than what was read$/);
  });
});

describe('the page in the UI', () => {
  test('has the id encoded for a URL', () => {
    expect(uiUrl({ kind: 'platform' }, 80, 'wt-shop--main', { id: 'a/b c', runId: 'r' })).toBe(
      'http://temporal.localhost/namespaces/wt-shop--main/workflows/a%2Fb%20c/r',
    );
  });

  test('is known for the platform alone', () => {
    const managed = { kind: 'managed', address: 'x:7233', namespaces: 'create' } as const;
    expect(uiUrl(managed, 80, 'shop')).toBeUndefined();
  });
});
