import { expect, test } from 'vitest';
import { boundedDocument } from '../../../../../cli/ui/telemetry/bounded.ts';
import { statusDocument, tracesDocument } from '../../../../../cli/ui/telemetry/schema.ts';
import { mostOfOthers } from '../../../../../cli/ui/telemetry/status.ts';

const written: string[] = [];
const write = async (text: string) => {
  written.push(text);
  return '/state/whole.txt';
};
const bytes = (document: object) => Buffer.byteLength(JSON.stringify(document, null, 2));
const rows = <T>(count: number, row: T) => Array.from({ length: count }, () => row);
const time = '2026-11-30T12:00:00.000Z';

test('a document of many traces is at most 32 kB as it is printed, and names the file of the whole', async () => {
  const trace = {
    id: 'f'.repeat(32),
    environment: 'shop/feat-b',
    start: time,
    durationMs: 4,
    spans: 2,
    failed: 0,
    root: { service: 'api', name: 'GET /' },
    services: ['api', 'worker'],
  };
  const head = {
    schema: 1,
    environment: 'shop/feat-b',
    gone: false,
    from: time,
    to: time,
    total: 900,
    failed: 0,
  };
  const whole = { ...head, more: false, matching: 900, shown: 900, traces: rows(900, trace) };
  const document = tracesDocument.parse(await boundedDocument(whole, 'traces', write));
  expect(bytes(document)).toBeLessThanOrEqual(32 * 1024);
  expect(bytes(document)).toBeGreaterThan(30 * 1024);
  expect(document).toMatchObject({ shown: document.traces.length, file: '/state/whole.txt' });
  expect(JSON.parse(written.at(-1) ?? '')).toEqual(whole);
});

test('so is a status with many of everything', async () => {
  const arrival = { environment: 'shop/feat-b', service: 'api', spans: 1, requests: 1, lines: 1, series: 9 };
  const whole = {
    schema: 1,
    arrivals: rows(300, arrival),
    lost: [],
    added: rows(300, { environment: 'shop/feat-b', store: 'logs', bytes: 4096 }),
    queues: [],
    logReadOnly: false,
    memory: [],
    keptLines: rows(300, { environment: 'shop/feat-b', lines: 4 }),
    problems: rows(300, { what: 'x'.repeat(160), fix: 'y'.repeat(160) }),
  };
  const document = statusDocument.parse(await boundedDocument(whole, 'arrivals', write, mostOfOthers));
  expect(bytes(document)).toBeLessThanOrEqual(32 * 1024);
  expect(document.problems).toHaveLength(40);
  expect(document.shown).toBe(document.arrivals.length);
  expect(document.arrivals.length).toBeGreaterThan(20);
});
