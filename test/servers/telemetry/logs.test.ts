import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CoppiceError } from '../../../core/errors.ts';
import { keepsAnything, namespacesWithLogs } from '../../../servers/telemetry/kept.ts';
import {
  countLogs,
  groupLogs,
  type LogFilter,
  queryLogs,
  readStoredLines,
  servicesWithLogs,
} from '../../../servers/telemetry/logs.ts';
import { purgeLogs } from '../../../servers/telemetry/purge.ts';
import { type Asker, askHere } from '../../../servers/telemetry/reach.ts';
import { freePort } from '../ports.ts';
import { type Engine, engine, waitFor } from './engines.ts';
import { type SentRecord, sendLogs } from './otlp-logs.ts';

/** A real VictoriaLogs, with the records of two environments of one app. */

const mine = 'wt-shop--feat-a';
const other = 'wt-shop--feat-b';
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const longLine = 'x'.repeat(1_000_000);
const began = Math.floor(Date.now() / 1000) * 1000 - 600_000;

let server: Engine;
let folder: string;
let port: number;
let asker: Asker;
const filter: LogFilter = { namespace: mine, from: new Date(began - 1000) };

function record(seconds: number, service: string, body: string, more: Partial<SentRecord> = {}): SentRecord {
  return { namespace: mine, service, body, time: began + seconds * 1000, ...more };
}

const stackOf = (id: string, line: number) =>
  `TypeError: no property '${id}'\n    at handler (/app/src/orders.js:${line}:7)\n    at next`;

const records: readonly SentRecord[] = [
  ...Array.from({ length: 200 }, (_, n) =>
    record(n, n % 2 ? 'api' : 'web', `GET /items/${n} 200 in ${n}ms`, { severity: 9, severityText: '30' }),
  ),
  ...['warn', 'WARN', 'Warning', '40'].map((severityText, n) =>
    record(n, 'api', `slow query ${n * 7} ms`, { severity: 13, severityText }),
  ),
  ...['error', 'ERROR', 'Error', 'fatal', '50'].map((severityText, n) =>
    record(n, 'api', `relation "orders${n}" does not exist`, {
      severity: severityText === 'fatal' ? 21 : 17,
      severityText,
      traceId: `${trace.slice(0, 31)}${n}`,
    }),
  ),
  record(300, 'worker', 'activity failed', {
    severity: 17,
    attributes: { 'err.message': 'connect ECONNREFUSED 127.0.0.1:5432', orderId: '7' },
  }),
  // Without a level, as a program that only prints.
  ...[1, 2, 3].map((n) => record(400 + n, 'web', stackOf(`id${n}`, n))),
  record(410, 'web', 'listening on 3000'),
  record(420, 'web', longLine, { severity: 9 }),
  ...Array.from({ length: 50 }, (_, n) =>
    record(n, 'api', `secret of b ${n}`, {
      namespace: other,
      severity: 17,
      severityText: 'ERROR',
      traceId: trace,
    }),
  ),
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-logs-'));
  port = await freePort();
  server = await engine({
    program: 'victoria-logs',
    args: [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`, '-delete.enable'],
    folder,
    ready: `http://127.0.0.1:${port}/health`,
  });
  await server.start();
  asker = askHere(port, 'logs');
  await sendLogs(port, records);
  await waitFor(async () => {
    const { total } = await countLogs(asker, { ...filter, namespace: 'every environment' });
    return total === records.length ? true : undefined;
  });
});

afterAll(async () => {
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test('counts by level, whatever the sender calls it, and judges lines without one by their words', async () => {
  expect(await countLogs(asker, filter)).toEqual({
    total: 214 + 1,
    byLevel: { error: 9, warn: 4, info: 201, debug: 0, other: 1 },
  });
  expect((await countLogs(asker, { ...filter, level: 'error' })).total).toBe(9);
  expect((await countLogs(asker, { ...filter, level: 'warn' })).total).toBe(13);
  expect((await countLogs(asker, { ...filter, level: 'info' })).total).toBe(215);
  expect((await countLogs(asker, { ...filter, from: new Date() })).total).toBe(0);
});

test('groups what means the same, with its count, its times and its last line', async () => {
  const groups = await groupLogs(asker, filter);
  const short = groups.map(({ level, service, pattern, count }) => [
    level,
    service,
    pattern.slice(0, 60),
    count,
  ]);
  expect(short).toEqual([
    ['error', 'web', "TypeError: no property 'id<n>'", 3],
    ['error', 'worker', 'activity failed: connect ECONNREFUSED <ip>:<n>', 1],
    ['error', 'api', 'relation "orders<n>" does not exist', 5],
    ['warn', 'api', 'slow query <n> ms', 4],
    ['info', 'web', longLine.slice(0, 60), 1],
    ['other', 'web', 'listening on <n>', 1],
    ['info', 'api', 'GET /items/<n> <n> in <n>ms', 100],
    ['info', 'web', 'GET /items/<n> <n> in <n>ms', 100],
  ]);
  const [stack, , table] = groups;
  expect(stack?.example).toBe(stackOf('id3', 3));
  expect(Date.parse(stack?.first ?? '')).toBe(began + 401_000);
  expect(Date.parse(stack?.last ?? '')).toBe(began + 403_000);
  expect(table?.traceId).toBe(`${trace.slice(0, 31)}4`);
  expect(groups[4]?.example).toHaveLength(longLine.length);
});

test('finds a text in any case, in the error beside a message too, and what a regular expression would take as its own', async () => {
  const texts = async (text: string) =>
    (await readStoredLines(asker, { ...filter, text }, { lines: 10 })).map((line) => line.text);
  expect(await texts('econnrefused')).toEqual(['activity failed: connect ECONNREFUSED 127.0.0.1:5432']);
  expect(await texts('"orders1"')).toEqual(['relation "orders1" does not exist']);
  expect(await texts('(/app/src/orders.js:2:7)')).toEqual([stackOf('id2', 2)]);
  expect(await texts('.*')).toEqual([]);
  expect(await texts('\\')).toEqual([]);
  // The namespace is in every record.
  expect(await texts('feat-a')).toEqual([]);
});

test('finds a trace by the beginning of its id, and the lines around one', async () => {
  const found = await readStoredLines(asker, { ...filter, trace: trace.slice(0, 31) }, { lines: 10 });
  expect(found).toHaveLength(5);
  expect((await readStoredLines(asker, { ...filter, trace: '4BF92F35' }, { lines: 10 })).length).toBe(5);
  const around = await readStoredLines(asker, { ...filter, text: "'id2'" }, { lines: 10, context: 1 });
  expect(around.map(({ text }) => text.split('\n')[0])).toEqual(
    [1, 2, 3].map((n) => `TypeError: no property 'id${n}'`),
  );
});

test('gives the newest lines in the order of time, with what else was logged', async () => {
  const lines = await readStoredLines(asker, { ...filter, services: ['web', 'worker'] }, { lines: 6 });
  expect(lines.map(({ time }) => time)).toEqual([...lines.map(({ time }) => time)].sort());
  expect(lines.at(-1)?.text).toHaveLength(1_000_000);
  const [activity] = await readStoredLines(asker, { ...filter, services: ['worker'] }, { lines: 6 });
  expect(activity).toMatchObject({ service: 'worker', pod: 'worker-5d8f-7c9x4', level: 'error' });
  expect(activity?.fields).toMatchObject({ orderId: '7' });
  expect(await servicesWithLogs(asker, filter)).toEqual(['api', 'web', 'worker']);
});

describe('no question reaches another environment', () => {
  test.each([
    '* or *',
    'secret',
    `{k8s.namespace.name="${other}"}`,
    `k8s.namespace.name:="${other}"`,
    `* | filter k8s.namespace.name:="${other}"`,
    `_stream_id:in({k8s.namespace.name="${other}"} | keep _stream_id)`,
    `* | union({k8s.namespace.name="${other}"})`,
    `* | join by (k8s.pod.name) ({k8s.namespace.name="${other}"} | stats by (k8s.pod.name) count() secret) | filter secret:* | format "secret of b" as _msg`,
    'options(global_filter=(*)) secret',
    'options(ignore_global_time_filter=true) secret',
    `trace_id:=${trace}`,
  ])('%s', async (logsql) => {
    const rows = await queryLogs(asker, filter, logsql);
    expect(rows.filter((row) => row['k8s.namespace.name'] === other)).toEqual([]);
    expect(JSON.stringify(rows)).not.toContain('secret of b');
    // The same text finds them where they are.
    const there = await queryLogs(asker, { ...filter, namespace: other }, 'secret');
    expect(there).toHaveLength(50);
  });

  test('nor does a query that breaks out of its parentheses, or a text, service or trace of that kind', async () => {
    const refused = await queryLogs(asker, filter, '* ) or (secret').catch((error: CoppiceError) => error);
    expect(refused).toMatchObject({ code: 'COPPICE_TELEMETRY_REFUSED', exitCode: 2 });
    const sly = `") or {k8s.namespace.name="${other}"} or ("`;
    for (const one of [{ text: sly }, { services: [sly] }, { services: ['api"} or {a="'] }, { trace: sly }]) {
      expect((await countLogs(asker, { ...filter, ...one })).total).toBe(0);
    }
    expect(await readStoredLines(asker, { ...filter, text: 'secret' }, { lines: 10, context: 3 })).toEqual(
      [],
    );
  });

  test('what is no environment is not among every environment', async () => {
    await sendLogs(port, [record(1, 'gateway', 'of the platform', { namespace: 'coppice' })]);
    await waitFor(async () =>
      (await countLogs(asker, { ...filter, namespace: 'coppice' })).total === 1 ? true : undefined,
    );
    const everything = { ...filter, namespace: 'every environment' } as const;
    expect((await countLogs(asker, everything)).total).toBe(records.length);
  });
});

test('an environment that is purged has no line left, and every other has all of its own', async () => {
  // One name is the beginning of the other.
  const [gone, longer] = ['wt-shop--gone', 'wt-shop--gone-2'];
  const keeps = (namespace: string) => keepsAnything.logs(asker, namespace, Date.now());
  await sendLogs(
    port,
    [gone, longer].map((namespace) => record(1, 'api', 'one of it', { namespace })),
  );
  await waitFor(async () => ((await keeps(gone)) && (await keeps(longer)) ? true : undefined));
  expect(await namespacesWithLogs(asker, Date.now())).toEqual([mine, other, gone, longer]);
  await purgeLogs(asker, gone);
  expect([await keeps(gone), await keeps(longer), await keeps(mine)]).toEqual([false, true, true]);
  // Again, and of nobody.
  await purgeLogs(asker, gone);
  await purgeLogs(asker, `x"} or {k8s.namespace.name="${other}`);
  expect((await countLogs(asker, { ...filter, namespace: other })).total).toBe(50);
});
