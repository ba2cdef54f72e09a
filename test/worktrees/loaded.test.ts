import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';

const home = new Home();
afterAll(() => home.remove());

/** This package with the parts of `wt` that are typed all day, and none of its other code. */
function daily(): string {
  const folder = join(home.folder, 'package');
  for (const path of ['bin', 'package.json', 'toolchain/modules'])
    cpSync(join(packageRoot(), path), join(folder, path), { recursive: true });
  const cli = join(packageRoot(), 'dist', 'cli');
  for (const name of readdirSync(cli).filter((one) => one.endsWith('.cjs')))
    cpSync(join(cli, name), join(folder, 'dist', 'cli', name));
  return join(folder, 'bin', 'wt');
}

test('to list, create and delete worktrees needs nothing but the parts that load quickly', () => {
  const shop = home.repository();
  home.commit(shop, { 'package-lock.json': '{}' }, 'Lock nothing');
  const program = daily();
  const wt = (...args: string[]) =>
    execFileSync(process.execPath, [program, ...args], {
      cwd: shop,
      env: { ...process.env, ...home.env, NO_COLOR: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  expect(wt('create', 'fix', '--no-up')).toMatch(/^created the worktree of fix/);
  expect(existsSync(join(home.folder, 'shop.fix', 'package-lock.json'))).toBe(true);
  expect(wt('list')).toContain('fix');
  expect(wt()).toMatch(/^main\n/);
  expect(wt('delete', 'fix')).toMatch(/^deleted fix/);
});

test('to ask for telemetry needs nothing else either, up to the first request', () => {
  const asked = home.repository('asked');
  home.commit(
    asked,
    { 'coppice.yaml': 'version: 1\nname: asked\nservices:\n  web: { image: web }\n' },
    'Ask',
  );
  const program = daily();
  for (const verb of [['logs'], ['traces'], ['trace', '4bf92f35'], ['metrics']]) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...verb], {
      cwd: asked,
      env: { ...process.env, ...home.env, NO_COLOR: '1' },
      encoding: 'utf8',
    });
    expect([verb, status, stderr]).toEqual([verb, 3, expect.stringContaining('there is no cluster yet')]);
  }
});

/** A parser of YAML, a schema or a client of Kubernetes would be more by hundreds of kilobytes. */
test('what they load is small', () => {
  const cli = join(packageRoot(), 'dist', 'cli');
  const bytes = Object.fromEntries(
    ['base', 'target', 'live', 'create', 'delete', 'telemetry'].map((part) => [
      part,
      statSync(join(cli, `${part}.cjs`)).size,
    ]),
  );
  expect(Object.entries(bytes).filter(([, size]) => size > 350_000)).toEqual([]);
});

/** Intl reads its tables when it is first used, which takes 9 ms. */
test('what every Tab and every help loads does without Intl', () => {
  const quick = join(packageRoot(), 'dist', 'quick');
  for (const name of readdirSync(quick))
    expect(readFileSync(join(quick, name), 'utf8')).not.toContain('Intl.');
});
