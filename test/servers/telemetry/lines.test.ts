import { expect } from 'vitest';
import { Attribute, platformStream } from '../../../core/telemetry.ts';
import { type Row, rowsArrive, rowsOf } from './ask.ts';
import { waitFor } from './engines.ts';
import { stackTest } from './fixture.ts';
import { rotate, type Written, writeAll, write as writeLines } from './pod-files.ts';
import type { TestPod } from './pods-api.ts';
import { shopPod } from './stack.ts';

const pod = shopPod('feat', 'web', '127.0.0.2');
const gone = shopPod('gone', 'worker', '127.0.0.3');
const postgres: TestPod = { namespace: platformStream, name: 'postgres-6c9d-aaaaa', ip: '127.0.0.4' };
const temporal: TestPod = { namespace: platformStream, name: 'temporal-6c9d-aaaaa', ip: '127.0.0.5' };

const { test, stack } = stackTest([pod, postgres, temporal]);

const write = (of: TestPod, lines: readonly (string | Buffer)[], written: Written = {}) =>
  writeLines(stack().podLogs, of, lines, written);

const inFeat = `{${Attribute.namespace}="${pod.namespace}"}`;
const levelOf = (row: Row | undefined) => Number(row?.severity_number);

test('a line in JSON becomes a record with its level, its trace and its environment, whatever it says', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const line = {
    level: 50,
    time: 1,
    msg: 'order failed',
    trace_id: traceId,
    span_id: 'b7ad6b7169203331',
    order: 7,
    'k8s.namespace.name': 'wt-shop--other',
    k8s: { 'namespace.name': 'wt-shop--other' },
    'service.name': 'other',
    _stream: '{}',
  };
  write(pod, [JSON.stringify(line)]);
  const [row] = await rowsArrive(stack(), `"order failed" ${inFeat}`);
  expect(row).toMatchObject({
    _msg: 'order failed',
    trace_id: traceId,
    span_id: 'b7ad6b7169203331',
    order: '7',
    [Attribute.service]: 'web',
    [Attribute.environment]: 'shop/feat',
    [Attribute.environmentId]: 'id-of-feat',
    [Attribute.container]: 'web',
    [Attribute.pod]: pod.name,
  });
  expect(levelOf(row)).toBe(17);
  expect(JSON.stringify(row)).not.toContain('other');
});

/** Lines with the number of their severity; 0: none is recognised. */
const levelled: readonly (readonly [string, number])[] = [
  ['{"level":"warn","message":"w-1"}', 13],
  ['{"severity":"ERROR","msg":"w-2"}', 17],
  ['{"levelname":"CRITICAL","message":"w-3"}', 21],
  ['{"level":"warning","message":"w-4"}', 13],
  ['2026-11-30 10:00:00 ERROR w-5', 17],
  ['TypeError: w-6', 17],
  ['\u001b[33mWARN\u001b[39m w-7', 13],
  ['no errors were found: w-8', 0],
  ['{"broken": w-9', 0],
];

test('the level of a line is recognised', async () => {
  write(
    pod,
    levelled.map(([line]) => line),
  );
  const rows = await rowsArrive(stack(), `~"w-[0-9]" ${inFeat}`, levelled.length);
  const found = rows.map((row) => [/w-\d/.exec(row._msg ?? '')?.[0], levelOf(row)]);
  const expected = levelled.map(([line, level]) => [/w-\d/.exec(line)?.[0], level]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
});

test('a stack trace is one record, and a line of the other output is none of it', async () => {
  writeAll(stack().podLogs, pod, [
    { output: 'stderr', lines: ['Error: st-1', '    at one (a.js:1:1)'] },
    { lines: ['between st-2'] },
    { output: 'stderr', lines: ['    at two (b.js:2:2) {', "  code: 'E1'", '}', 'after st-3'] },
  ]);
  const [row] = await rowsArrive(stack(), `"st-1" ${inFeat}`);
  expect(row?._msg).toBe("Error: st-1\n    at one (a.js:1:1)\n    at two (b.js:2:2) {\n  code: 'E1'\n}");
  expect(levelOf(row)).toBe(17);
  expect((await rowsArrive(stack(), `"st-2" ${inFeat}`))[0]?._msg).toBe('between st-2');
});

test('a megabyte in one line, bytes that are no text, and a line without an end are bounded', async () => {
  const chunk = 'x'.repeat(16_000);
  writeAll(stack().podLogs, pod, [
    { tag: 'P', lines: Array.from({ length: 130 }, () => chunk) },
    { lines: ['end-of-long'] },
  ]);
  write(pod, [Buffer.from([0x00, 0xff, 0xfe, 0x41, 0x80, 0x62]), 'after-binary']);
  write(pod, ['never ends '], { tag: 'P', container: 'other' });
  write(pod, ['seen-after-long']);
  await rowsArrive(stack(), `"seen-after-long" ${inFeat}`);
  await rowsArrive(stack(), `"after-binary" ${inFeat}`);
  const rows = await rowsOf(stack(), inFeat);
  const longest = Math.max(...rows.map(({ _msg }) => _msg?.length ?? 0));
  expect(longest).toBeGreaterThan(500_000);
  expect(longest).toBeLessThanOrEqual(1024 * 1024);
});

test('a pod that is gone is known by the path of its file', async () => {
  write(gone, ['last words'], { container: 'worker' });
  const [row] = await rowsArrive(stack(), '"last words"');
  expect(row).toMatchObject({
    [Attribute.namespace]: gone.namespace,
    [Attribute.environment]: 'shop/gone',
    [Attribute.app]: 'shop',
    [Attribute.service]: 'worker',
    [Attribute.pod]: gone.name,
  });
});

test("what a server of the platform writes is in the platform's stream", async () => {
  write(temporal, ['a line of Temporal'], { container: 'temporal' });
  const [row] = await rowsArrive(stack(), '"a line of Temporal"');
  expect(row).toMatchObject({ [Attribute.namespace]: platformStream, [Attribute.service]: 'temporal' });
});

test("a slow or failed statement is in its database's environment, and a claimed name is not", async () => {
  const at = '2026-11-30 10:00:00.000 UTC [7]';
  write(
    postgres,
    [
      `${at} wt_shop__feat@wt_shop__feat LOG:  duration: 1200.5 ms  statement: select slow`,
      '\tfrom orders',
      `${at} wt_shop__feat@wt_shop__feat ERROR:  relation "nothing" does not exist`,
      `${at} wt_shop__feat@wt_shop__feat STATEMENT:  select 1 from nothing`,
      `${at} wt_shop__feat@wt_shop__feat FATAL:  password authentication failed for claimed`,
      `${at} wt_shop__feat@wt_shop__feat DETAIL:  Role claimed-in-detail does not exist.`,
      '\twith more of it',
      `${at} wt_shop__feat@wt_shop__feat HINT:  claimed-in-hint`,
      `${at} postgres@wt_shop__feat LOG:  duration: 2 ms  statement: our own`,
      `${at} LOG:  database system is ready`,
    ],
    { container: 'postgres', output: 'stderr' },
  );
  const [slow] = await rowsArrive(stack(), `slow ${inFeat}`);
  expect(slow).toMatchObject({
    _msg: 'duration: 1200.5 ms  statement: select slow\n\tfrom orders',
    [Attribute.service]: 'postgres',
    [Attribute.environment]: 'shop/feat',
    [Attribute.app]: 'shop',
  });
  const [failed] = await rowsArrive(stack(), `nothing ${inFeat}`);
  expect(levelOf(failed)).toBe(17);
  expect(failed?._msg).toBe('relation "nothing" does not exist\nSTATEMENT:  select 1 from nothing');
  const ofPlatform = await rowsArrive(
    stack(),
    `{${Attribute.namespace}="${platformStream}"} ${Attribute.service}:postgres`,
    3,
  );
  expect(ofPlatform.map(({ _msg }) => _msg).join('\n')).toMatch(/claimed-in-hint/);
  expect(await rowsOf(stack(), `claimed ${inFeat}`)).toEqual([]);
});

test('a part of a message of PostgreSQL that came too late for it is in no environment', async () => {
  const at = '2026-11-30 10:00:00.000 UTC [8]';
  const lines = [
    'DETAIL:  late-detail',
    'HINT:  late-hint',
    'CONTEXT:  late-context',
    'STATEMENT:  late-statement',
  ];
  const late = { ...postgres, name: 'postgres-6c9d-bbbbb' };
  write(late, [`${at} wt_shop__feat@wt_shop__feat ${lines[0]}`], { container: 'postgres' });
  await rowsArrive(stack(), `~"late-" {${Attribute.namespace}="${platformStream}"}`);
  write(
    late,
    lines.slice(1).map((line) => `${at} wt_shop__feat@wt_shop__feat ${line}`),
    { container: 'postgres' },
  );
  write(late, [`${at} LOG:  late-end`], { container: 'postgres' });
  await rowsArrive(stack(), `"late-end"`);
  expect(await rowsOf(stack(), `~"late-" ${inFeat}`)).toEqual([]);
});

test('what the kubelet renamed is read to its end, each line once', async () => {
  const numbers = (first: number) =>
    Array.from({ length: 20 }, (_, index) => `rotated-${first + index} ${'x'.repeat(90)}`);
  const of = { container: 'rotated' };
  const query = `~"rotated-" ${inFeat}`;
  write(pod, numbers(0), of);
  await rowsArrive(stack(), query, 20);
  write(pod, numbers(20), of);
  rotate(stack().podLogs, pod, 'rotated', '20261130-100000');
  write(pod, numbers(40), of);
  await rowsArrive(stack(), query, 60);
  write(pod, ['after the rename'], of);
  await rowsArrive(stack(), `"after the rename" ${inFeat}`);
  expect(await rowsOf(stack(), query)).toHaveLength(60);
  await stack().collector.kill();
  write(pod, numbers(60), of);
  rotate(stack().podLogs, pod, 'rotated', '20261130-110000');
  write(pod, numbers(80), of);
  await stack().collector.start();
  await waitFor(async () =>
    new Set((await rowsOf(stack(), query)).map(({ _msg }) => _msg)).size === 100 ? true : undefined,
  );
});
