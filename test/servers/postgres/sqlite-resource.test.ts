import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqliteDatabase } from '../../../resources/sqlite-database/handler.ts';

const context = { signal: new AbortController().signal };
let folder: string;
let inputs: { file: string; source: string; uid: number; gid: number };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-sqlite-'));
  for (const name of ['main', 'feat']) mkdirSync(join(folder, name));
  inputs = {
    file: join(folder, 'feat', 'app.db'),
    source: join(folder, 'main', 'app.db'),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
  execFileSync('sqlite3', [inputs.source, 'CREATE TABLE leaf (id)']);
});
afterEach(() => rmSync(folder, { recursive: true }));

const create = () => sqliteDatabase.create(inputs, context);
const changes = async (olds: Awaited<ReturnType<typeof create>>['outputs']) =>
  (await sqliteDatabase.diff(olds, inputs, context)).changes;

test('an existing copy is not replaced', async () => {
  const { id, outputs } = await create();
  expect(id).toBe(inputs.file);
  expect(outputs).toMatchObject({ ...inputs, origin: expect.stringMatching(/^(reflink|vacuum)$/) });
  expect(await changes(outputs)).toBe(false);
  expect(await sqliteDatabase.read(id, outputs, context)).toEqual(outputs);
});

test('a copy that was deleted by hand is recreated by the next up', async () => {
  const { id, outputs } = await create();
  rmSync(inputs.file);
  expect(await changes(outputs)).toBe(true);
  expect(await sqliteDatabase.read(id, outputs, context)).toBeUndefined();
  await sqliteDatabase.update(id, outputs, inputs, context);
  expect(existsSync(inputs.file)).toBe(true);
});

test('an app that started without a file is not touched until there is a file to copy', async () => {
  const copied = readFileSync(inputs.source);
  rmSync(inputs.source);
  const { id, outputs } = await create();
  expect(outputs.origin).toBe('empty');
  expect(await changes(outputs)).toBe(false);
  expect(await sqliteDatabase.read(id, outputs, context)).toEqual(outputs);
  writeFileSync(inputs.source, copied);
  expect(await changes(outputs)).toBe(true);
});

test('there is nothing to do in the main worktree', async () => {
  inputs = { ...inputs, file: inputs.source };
  const { outputs } = await create();
  expect(outputs.origin).toBe('original');
  rmSync(inputs.source);
  expect(await changes(outputs)).toBe(false);
});

test('a moved worktree gets its file at its new path', async () => {
  const { outputs } = await create();
  inputs = { ...inputs, file: join(folder, 'moved', 'app.db') };
  expect(await changes(outputs)).toBe(true);
});

test('the file stays when the environment is deleted', async () => {
  const { id, outputs } = await create();
  await sqliteDatabase.delete(id, outputs, context);
  expect(existsSync(inputs.file)).toBe(true);
});
