import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lastFailure } from '../../../../app/engine/last-failure.ts';
import { paths } from '../../../../core/paths.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Logs of runs by their names. */
async function logsWith(files: Readonly<Record<string, readonly object[]>>) {
  const home = await mkdtemp(join(tmpdir(), 'coppice-failure-'));
  folders.push(home);
  const places = paths({}, home);
  await mkdir(places.logs, { recursive: true });
  for (const [name, events] of Object.entries(files)) {
    const text = events.map((event) => JSON.stringify(event)).join('\n');
    await writeFile(join(places.logs, `${name}.events.jsonl`), `${text}\n{"cut":`);
  }
  return places;
}

function failed(stack: string, project: string, message: string) {
  const urn = `urn:pulumi:${stack}::${project}::coppice:index:Database::database`;
  return { timestamp: 1_767_312_000, diagnosticEvent: { urn, severity: 'error', message } };
}

test('is what the last up of this stack said, without hints, and of no other stack', async () => {
  const places = await logsWith({
    'engine-2026-01-01T00-00-00-000Z-up-shop-main-1': [failed('main', 'shop', 'older')],
    'engine-2026-01-02T00-00-00-000Z-up-shop-main-2': [
      { timestamp: 1, diagnosticEvent: { severity: 'debug', message: 'no error' } },
      failed('main', 'shop', 'the migration 3.sql failed\n→ run wt up'),
      failed('main-x', 'shop', 'of another'),
    ],
    'engine-2026-01-03T00-00-00-000Z-up-shop-main-x-3': [failed('main-x', 'shop', 'of another')],
    'engine-2026-01-03T00-00-00-000Z-destroy-shop-main-3': [failed('main', 'shop', 'of a down')],
  });
  const failure = await lastFailure({ project: 'shop', stack: 'main' }, places);
  expect(failure).toEqual({ at: 1_767_312_000_000, messages: ['the migration 3.sql failed'] });
});

test('is undefined for a run without an error, and without a log', async () => {
  const places = await logsWith({ 'engine-2026-01-01T00-00-00-000Z-up-shop-main-1': [] });
  expect(await lastFailure({ project: 'shop', stack: 'main' }, places)).toBeUndefined();
  expect(await lastFailure({ project: 'shop', stack: 'other' }, places)).toBeUndefined();
});
