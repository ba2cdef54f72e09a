import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkPostgresqlPlugin, postgresqlPlugin } from '../../../engine/postgresql-plugin.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-plugin-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function installed(...path: string[]): string {
  const file = join(folder, ...path, 'pulumi-resource-postgresql');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'the plugin');
  return file;
}
const inPlugins = ['plugins', 'resource-postgresql-v3.18.1'];

test.each([
  ['below PULUMI_HOME', ['mine'], { PULUMI_HOME: 'mine' }],
  ["below wt's own", ['.local', 'share', 'coppice', 'pulumi'], {}],
  ["below pulumi's own", ['.pulumi'], {}],
])('the plugin that `pulumi plugin install` put %s is found', (_, home, more: { PULUMI_HOME?: string }) => {
  const file = installed(...home, ...inPlugins);
  const variables = more.PULUMI_HOME === undefined ? {} : { PULUMI_HOME: join(folder, more.PULUMI_HOME) };
  expect(postgresqlPlugin({ HOME: folder, PATH: '', ...variables })).toBe(file);
});

test('a plugin on PATH is found, and none where there is none', () => {
  const nowhere = { HOME: join(folder, 'home'), PATH: join(folder, 'bin') };
  expect(postgresqlPlugin(nowhere)).toBeUndefined();
  const file = installed('bin');
  expect(postgresqlPlugin(nowhere)).toBe(file);
});

test('an engine with its own PULUMI_HOME gets it, even when requested twice', async () => {
  const [file, engine] = [installed('bin'), join(folder, 'engine')];
  await linkPostgresqlPlugin(engine, file);
  await linkPostgresqlPlugin(engine, file);
  expect(readFileSync(join(engine, ...inPlugins, 'pulumi-resource-postgresql'), 'utf8')).toBe('the plugin');
});
