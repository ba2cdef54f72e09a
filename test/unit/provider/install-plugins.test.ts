import { execFileSync } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPlugins } from '../../../provider/install-plugins.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "coppice install's "));
});
afterAll(() => rmSync(folder, { recursive: true }));

const plugin = (name: string, version: string) =>
  join(folder, 'plugins', `resource-${name}-v${version}`, `pulumi-resource-${name}`);

test('the plugins are where the engine looks, and ours runs with its arguments, even from a folder with odd characters', async () => {
  const main = join(folder, 'main.cjs');
  writeFileSync(main, 'console.log(process.argv.slice(2).join(" "))');
  await installPlugins({ pulumiHome: folder, kubernetesProvider: '/bin/one', version: '0.1.0', main });
  expect(execFileSync(plugin('coppice', '0.1.0'), ['127.0.0.1:1'], { encoding: 'utf8' })).toBe(
    '127.0.0.1:1\n',
  );
  expect(readlinkSync(plugin('kubernetes', '4.25.0'))).toBe('/bin/one');
});

test('a second call changes nothing, and a new path of the provider is followed', async () => {
  const main = join(folder, 'main.cjs');
  const before = statSync(plugin('coppice', '0.1.0')).mtimeMs;
  await installPlugins({ pulumiHome: folder, kubernetesProvider: '/bin/two', version: '0.1.0', main });
  expect(statSync(plugin('coppice', '0.1.0')).mtimeMs).toBe(before);
  expect(readlinkSync(plugin('kubernetes', '4.25.0'))).toBe('/bin/two');
});

test('the plugin of an older version stays, as a state may refer to it', async () => {
  const main = join(folder, 'main.cjs');
  await installPlugins({ pulumiHome: folder, kubernetesProvider: '/bin/two', version: '0.2.0', main });
  expect(statSync(plugin('coppice', '0.1.0')).isFile()).toBe(true);
  expect(statSync(plugin('coppice', '0.2.0')).isFile()).toBe(true);
});
