import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
});
afterEach(() => home.remove());

test('a place inside of the folder of git is refused, before a branch is made', async () => {
  const result = await home.wt(shop, ['create', 'feat', '--no-up', '--path', '.git/feat']);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('--path FOLDER');
  expect(existsSync(join(shop, '.git', 'feat'))).toBe(false);
  expect(home.git(shop, 'branch', '--list', 'feat')).toBe('');
});

test('a place that cannot be made is named, with what to type', async () => {
  const result = await home.wt(shop, ['create', 'feat', '--no-up', '--path', '/proc/feat']);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('/proc/feat cannot be created');
  expect(result.stderr).toContain('try: choose another place: --path FOLDER');
  expect(home.git(shop, 'branch', '--list', 'feat')).toBe('');
});

test.each(['a'.repeat(251), `feat/${'ü'.repeat(126)}`])(
  'a name that is too long for git is refused',
  async (name) => {
    const result = await home.wt(shop, ['create', name, '--no-up']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('choose a shorter name');
  },
);

test('a bare repository without worktrees says how to make one', async () => {
  const bare = join(home.folder, 'bare.git');
  execFileSync('git', ['clone', '-q', '--bare', shop, bare], { env: { ...process.env, ...home.env } });
  expect(await home.wt(bare, ['list'])).toMatchObject({
    code: 0,
    stdout: 'no worktrees yet: wt create BRANCH\n',
  });
  const here = await home.wt(bare, []);
  expect(here.stdout).toContain('no worktree of it');
  expect(here.stdout).toContain('wt create BRANCH');
});
