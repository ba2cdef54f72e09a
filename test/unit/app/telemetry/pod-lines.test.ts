import { expect, test } from 'vitest';
import { isAsked, recordsOf } from '../../../../app/telemetry/pod-lines.ts';

function line(text: string, pod = 'web-1') {
  return { service: 'web', pod, restarts: 0, time: '2026-01-02T03:04:05Z', text };
}

test('a stack trace is one record, also when another pod prints in between', () => {
  const records = recordsOf(
    [line('TypeError: x'), line('listening', 'web-2'), line('    at a (/app/a.js:1:2)'), line('next')],
    'ns',
  );
  expect(records.map(({ text, level }) => [text, level])).toEqual([
    ['TypeError: x\n    at a (/app/a.js:1:2)', 'error'],
    ['listening', 'other'],
    ['next', 'other'],
  ]);
});

test('JSON gives level, message, error and trace, and what else was logged', () => {
  const [record] = recordsOf(
    [
      line(
        '{"level":50,"time":1,"pid":1,"msg":"request failed","err":{"message":"connect ECONNREFUSED"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","orderId":7}',
      ),
    ],
    'ns',
  );
  expect(record).toMatchObject({
    level: 'error',
    text: 'request failed: connect ECONNREFUSED',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    fields: { orderId: '7' },
  });
});

test('what looks like JSON and is none is a line of text', () => {
  expect(recordsOf([line('{ port: 3000 }')], 'ns')).toMatchObject([
    { text: '{ port: 3000 }', level: 'other' },
  ]);
});

test('a record is asked for by its text in any case, its level and its time', () => {
  const [record] = recordsOf([line('ERROR connect econnrefused')], 'ns');
  if (record === undefined) return expect.fail('no record');
  expect(isAsked(record, { text: 'ECONNREFUSED', level: 'warn' })).toBe(true);
  expect(isAsked(record, { text: 'timeout' })).toBe(false);
  expect(isAsked(record, { from: new Date('2026-01-02T03:04:06Z') })).toBe(false);
  expect(isAsked(record, { from: new Date('2026-01-02T03:04:05Z') })).toBe(true);
});

test.each([
  ['{"levelname":"ERROR","message":"refused"}', 'error'],
  ['{"log.level":"warn","message":"refused"}', 'warn'],
  ['{"severity_text":"Debug","message":"refused"}', 'debug'],
])('the level of %s is %s, as the Collector reads it', (text, level) => {
  expect(recordsOf([line(text)], 'ns')).toMatchObject([{ level, text: 'refused' }]);
});

test("Java's causes and closing brackets belong to the line before them", () => {
  const text = ['java.lang.Error: a', 'Caused by: b', 'state {', '  port: 1', '}'];
  const records = recordsOf(
    text.map((one) => line(one)),
    'ns',
  );
  expect(records.map((record) => record.text)).toEqual([
    'java.lang.Error: a\nCaused by: b',
    'state {\n  port: 1\n}',
  ]);
});

test('a trace id is found under the name that ECS gives it', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  expect(recordsOf([line(`{"message":"asked","trace.id":"${id}"}`)], 'ns')).toMatchObject([{ traceId: id }]);
});
