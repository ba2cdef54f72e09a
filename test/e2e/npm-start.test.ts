import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { removeFolder } from '../remove-folder.ts';
import { eventually, get, kubectl, run, testFolder, wt, wtOk } from './harness.ts';

let clone: string;

beforeAll(async () => {
  // As on a machine that never had a cluster.
  await wtOk(['cluster', 'reset', '--yes']);
  clone = join(mkdtempSync(join(testFolder(), 'clone-')), 'coppice');
  const cloned = spawnSync('git', ['clone', '--quiet', packageRoot(), clone], { encoding: 'utf8' });
  if (cloned.status !== 0) throw new Error(cloned.stderr);
  spawnSync('git', ['-C', clone, 'checkout', '--quiet', '-B', 'fresh-clone']);
  // The tests' network namespace has no way out, so the clone gets the packages that `npm ci` would install. Those of
  // the example are installed by its `setup:`, from npm's cache.
  spawnSync('cp', ['-a', join(packageRoot(), 'node_modules'), clone]);
});

afterAll(async () => {
  await wt(['down'], { cwd: join(clone, 'examples', 'shop') });
  removeFolder(clone);
});

test('npm start in a fresh clone ends with the URLs of the running example', async () => {
  const { code, stdout, stderr } = await run('npm', ['start', '--silent'], { cwd: clone });
  expect(stderr + stdout).toContain('http://fresh-clone.shop.localhost/');
  expect(code).toBe(0);
  expect(existsSync(join(clone, 'examples', 'shop', 'node_modules', 'pg'))).toBe(true);
  expect(stdout).toMatch(/build .*cluster .*platform .*engine/);
  expect(stdout).toContain('try: wt status');
  expect((await get('fresh-clone.shop.localhost')).status).toBe(200);
});

test('right afterwards wt doctor says that nothing is wrong', async () => {
  const { code, stdout } = await wt(['doctor'], { cwd: join(clone, 'examples', 'shop') });
  expect(stdout).toMatch(/nothing is wrong/);
  expect(code).toBe(0);
});

test('npm start again reports that all is up', async () => {
  // A machine too busy to look at everything within seconds runs a whole one first, which changes nothing either.
  await eventually('all is up', async () => {
    const { code, stdout, stderr } = await run('npm', ['start', '--silent'], { cwd: clone });
    expect(code).toBe(0);
    return (stdout + stderr).includes('all up') || undefined;
  });
});

test('npm start repairs an environment whose namespace was deleted by hand', async () => {
  await kubectl('delete', 'namespace', 'wt-shop--fresh-clone', '--wait=true');
  const { code } = await run('npm', ['start', '--silent'], { cwd: clone });
  expect(code).toBe(0);
  expect((await get('fresh-clone.shop.localhost')).status).toBe(200);
});
