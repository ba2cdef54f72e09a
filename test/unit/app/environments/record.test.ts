import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EnvironmentRecord,
  lastUpAt,
  markConfirmed,
  writeRecord,
} from '../../../../app/environments/record.ts';
import { recordFile } from '../../../../app/target/record-file.ts';
import { paths } from '../../../../core/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-record-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = {
  app: 'shop',
  slug: 'main',
  contentHash: 'a',
  upAt: '2020-01-01T00:00:00.000Z',
} as EnvironmentRecord;

test('an up that changes nothing is the last one, and leaves the record as it was', async () => {
  const places = { ...paths(), environments: folder };
  const began = Date.now();
  await markConfirmed(record, places);
  expect(await lastUpAt(record, places)).toEqual(new Date(record.upAt));
  await writeRecord(record, places);
  const written = readFileSync(recordFile('shop', 'main', places), 'utf8');
  await markConfirmed(record, places);
  // A file system may keep whole seconds.
  expect((await lastUpAt(record, places)).getTime()).toBeGreaterThan(began - 2_000);
  expect(readFileSync(recordFile('shop', 'main', places), 'utf8')).toBe(written);
  const ahead = { ...record, upAt: '2999-01-01T00:00:00.000Z' };
  expect(await lastUpAt(ahead, places)).toEqual(new Date(ahead.upAt));
});
