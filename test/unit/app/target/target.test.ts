import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderOf, nameEnvironment } from '../../../../app/target/target.ts';

let top: string;
let app: string;
let data: string | undefined;

const git = (...args: string[]) => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', ['-C', top, ...identity, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

beforeAll(() => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-target-')));
  data = process.env.XDG_DATA_HOME;
  process.env.XDG_DATA_HOME = join(folder, 'data');
  top = join(folder, 'top');
  app = join(top, 'apps', 'shop');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'coppice.yaml'), 'version: 1\nname: shop\nservices: {}\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin');
  git('worktree', 'add', '--quiet', join(folder, 'other'), '-b', 'feat/Login');
  const stacks = join(folder, 'data', 'coppice', 'state', '.pulumi', 'stacks', 'shop');
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, 'long-gone.json'), '{}');
});
afterAll(() => {
  if (data === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = data;
  rmSync(join(top, '..'), { recursive: true });
});

describe('an environment is found', () => {
  test('from no argument: it is that of this worktree', async () => {
    expect(await nameEnvironment({}, app)).toEqual({
      app: 'shop',
      slug: 'main',
      namespace: 'wt-shop--main',
      branch: 'main',
      specFolder: app,
    });
  });

  test.each(['feat/Login', 'feat-login', '../../../other'])(
    'by %s from another worktree',
    async (environment) => {
      expect(await nameEnvironment({ environment }, app)).toMatchObject({
        app: 'shop',
        slug: 'feat-login',
        branch: 'feat/Login',
        specFolder: join(top, '..', 'other', 'apps', 'shop'),
      });
    },
  );

  test('in the same folder of that worktree', async () => {
    expect(await folderOf({ environment: 'feat-login' }, app)).toBe(join(top, '..', 'other', 'apps', 'shop'));
  });

  test('by the name from --as', async () => {
    expect(await nameEnvironment({ as: 'demo' }, app)).toMatchObject({ app: 'shop', slug: 'demo' });
  });

  test('by its stack alone, in a folder without a spec and for a branch that is gone', async () => {
    expect(await nameEnvironment({ environment: 'long/gone' }, top)).toMatchObject({
      app: 'shop',
      slug: 'long-gone',
    });
  });

  test('with a broken spec', async () => {
    const folder = join(top, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'coppice.yaml'), 'version: [\nname: shop\n  x: 1\n');
    expect(await nameEnvironment({ environment: 'long-gone' }, folder)).toMatchObject({ app: 'shop' });
  });
});

describe('an environment is not found', () => {
  test('without a spec and without a stack', async () => {
    await expect(nameEnvironment({ environment: 'nothing' }, top)).rejects.toMatchObject({
      code: 'COPPICE_NO_ENVIRONMENT',
    });
  });

  test('by an invalid name', async () => {
    await expect(nameEnvironment({ as: 'No Good' }, app)).rejects.toMatchObject({
      code: 'COPPICE_SLUG',
      exitCode: 2,
    });
  });

  test('for an up of a branch without a worktree, with the command that creates one', async () => {
    await expect(folderOf({ environment: 'feat/none' }, app)).rejects.toMatchObject({
      code: 'COPPICE_NO_WORKTREE',
      hint: expect.stringContaining('git worktree add ../feat-none feat/none'),
    });
  });
});
