import { expect, test } from 'vitest';
import { LogLines, logDocuments } from '../../../../cli/ui/log-lines.ts';

const time = '2026-01-02T03:04:05.000000006Z';
const old = { service: 'web', pod: 'web-5d8f-7c9x4', restarts: 0 };
const renewed = { service: 'web', pod: 'web-66ab-zzk2p', restarts: 0 };
const api = { service: 'api', pod: 'api-77aa-q8w2r', restarts: 3 };

function lines(services: readonly string[], timestamps = false) {
  const written: string[] = [];
  const print = new LogLines({ services, color: false, timestamps }, (line) => written.push(line));
  return { written, print };
}

test('has the service in front, also with one service', () => {
  const { written, print } = lines(['web']);
  print.onRuns([old]);
  print.onLine({ ...old, time, text: 'hello | you' });
  expect(written).toEqual(['web | hello | you']);
});

test('names the pod only of a service with several', () => {
  const { written, print } = lines(['api', 'web']);
  print.onRuns([old, api, renewed]);
  for (const run of [old, renewed, api]) print.onLine({ ...run, time, text: 'hello' });
  expect(written).toEqual(['web-7c9x4 | hello', 'web-zzk2p | hello', 'api       | hello']);
});

test('names pod and process from the restart on that happens while it follows', () => {
  const { written, print } = lines(['web']);
  const restarted = { ...old, restarts: 1 };
  print.onRuns([old]);
  print.onLine({ ...old, time, text: 'first' });
  print.onRuns([restarted]);
  print.onLine({ ...old, time, text: 'last words' });
  print.onLine({ ...restarted, time, text: 'again' });
  print.onRuns([renewed]);
  print.onLine({ ...renewed, time, text: 'new' });
  expect(written).toEqual([
    'web | first',
    'web-7c9x4#0 | last words',
    'web-7c9x4#1 | again',
    'web-zzk2p   | new',
  ]);
});

test('has the time in front of the text when asked, if the line has one', () => {
  const { written, print } = lines(['web'], true);
  print.onRuns([old]);
  print.onLine({ ...old, time, text: 'hello' });
  print.onLine({ ...old, text: '(log cannot be read: gone)' });
  expect(written).toEqual([`web | ${time} hello`, 'web | (log cannot be read: gone)']);
});

test('marks what a process printed that ended', () => {
  const { written, print } = lines(['web']);
  print.onRuns([old]);
  print.onEnded({ ...old, ended: '2026-01-02T03:04:05Z', exitCode: 137, reason: 'OOMKilled' });
  print.onEnded({ ...old, ended: '2026-01-02T03:04:05Z', exitCode: 3 });
  print.onEnded(old);
  expect(written).toEqual([
    'web | --- pod web-5d8f-7c9x4, process that ended at 2026-01-02T03:04:05Z: exit code 137, OOMKilled ---',
    'web | --- pod web-5d8f-7c9x4, process that ended at 2026-01-02T03:04:05Z: exit code 3 ---',
    'web | --- pod web-5d8f-7c9x4, process that ended ---',
  ]);
});

test('gives programs a document a line, with how the process ended', () => {
  const written: unknown[] = [];
  const print = logDocuments((line) => written.push(JSON.parse(line)));
  print.onLine({ ...api, time, text: 'hello' });
  print.onEnded({ ...old, ended: '2026-01-02T03:04:05Z', exitCode: 3 });
  print.onLine({ ...old, time, text: 'bye' });
  expect(written).toEqual([
    { ...api, time, text: 'hello' },
    { ...old, time, text: 'bye', ended: '2026-01-02T03:04:05Z', exitCode: 3 },
  ]);
});
