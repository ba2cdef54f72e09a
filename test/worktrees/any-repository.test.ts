import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
beforeEach(() => {
  home = new Home();
});
afterEach(() => home.remove());

const spec = `version: 1
name: shop
services:
  web: { runtime: node, command: node server.js, port: 3000 }
`;

test('help in a repository without a spec writes nothing into the home', async () => {
  const top = home.repository();
  const before = readdirSync(home.folder);
  expect((await home.wt(top, ['--help'])).code).toBe(0);
  expect(readdirSync(home.folder)).toEqual(before);
});

test.each([
  ['without a spec', {}],
  ['with a spec and no cluster', { 'coppice.yaml': spec }],
])('%s, a day with worktrees builds and downloads nothing', async (_, files) => {
  const top = home.repository();
  home.commit(top, { 'server.js': '', ...files }, 'Add a server');
  const day = [
    ['create', 'feat/a', '--no-up'],
    ['switch', 'feat/a'],
    ['ports', '--json'],
  ];
  for (const args of day) {
    const { code, stdout, stderr } = await home.wt(top, args);
    expect(code, `wt ${args.join(' ')}:\n${stdout}${stderr}`).toBe(0);
  }
  expect(existsSync(join(home.folder, '.cache', 'coppice'))).toBe(false);
  expect(existsSync(join(home.folder, '.data', 'coppice', 'state'))).toBe(false);
});

test('an app that nothing knows is a typing mistake; one that is known and a branch can be down twice', async () => {
  const top = home.repository();
  home.commit(top, { 'coppice.yaml': spec }, 'Add a spec');
  home.git(top, 'branch', 'feat/x');
  const mistyped = await home.wt(top, ['down', 'shpo/main']);
  expect(mistyped.code).toBe(1);
  expect(mistyped.stderr).toContain('did you mean "shop/main"?');
  expect((await home.wt(top, ['down', 'nope/main'])).stderr).toContain('no app nope');
  expect((await home.wt(home.folder, ['down', 'nope/main'])).code).toBe(1);
  expect((await home.wt(top, ['down', 'shop/gone'])).code).toBe(0);
  expect((await home.wt(top, ['down', 'feat/x'])).code).toBe(0);
  expect((await home.wt(top, ['delete', 'feat/x'])).code).toBe(0);
  expect((await home.wt(top, ['down', 'feat/x'])).code).toBe(0);
});
