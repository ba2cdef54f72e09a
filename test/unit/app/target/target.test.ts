import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameEnvironment, nameToLookAt, sourceOf } from '../../../../app/target/target.ts';

let top: string;
let app: string;
let data: string | undefined;

const git = (...args: string[]) => gitIn(top, ...args);

function gitIn(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

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
  const foreign = join(folder, 'main');
  mkdirSync(join(foreign, 'src'), { recursive: true });
  writeFileSync(join(foreign, 'coppice.yaml'), 'version: 1\nname: foreign\nservices: {}\n');
  gitIn(foreign, 'init', '--quiet', '--initial-branch', 'main');
  gitIn(foreign, 'add', '--all');
  gitIn(foreign, 'commit', '--quiet', '--message', 'Begin');
  const stacks = join(folder, 'data', 'coppice', 'state', '.pulumi', 'stacks', 'shop');
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, 'long-gone.json'), JSON.stringify({ version: 3, checkpoint: {} }));
  const outputs = { repository: join(top, '.git'), branch: 'feat/Login', worktree: join(folder, 'other') };
  const resources = [{ urn: 'urn:demo', type: 'coppice:index:Environment', outputs }];
  writeFileSync(join(stacks, 'demo.json'), JSON.stringify({ checkpoint: { latest: { resources } } }));
});
afterAll(() => {
  if (data === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = data;
  rmSync(join(top, '..'), { recursive: true });
});

describe('an environment whose state is damaged, without a whole copy,', () => {
  const stateOf = (slug: string) =>
    join(top, '..', 'data', 'coppice', 'state', '.pulumi', 'stacks', 'shop', `${slug}.json`);
  const slugs = ['main', 'feat-login', 'broken'];
  beforeAll(() => slugs.forEach((slug) => void writeFileSync(stateOf(slug), '{"version":3,"check')));
  afterAll(() => slugs.forEach((slug) => void rmSync(stateOf(slug))));

  const repository = () => join(top, '.git');
  const damage = { code: 'COPPICE_DAMAGED' };

  test('can be looked at, as one of this repository', async () => {
    const claimant = { repository: repository(), branch: 'main' };
    expect(await nameToLookAt({}, app)).toMatchObject({
      name: { app: 'shop', slug: 'main', claimant },
      damage,
    });
  });

  test('can be looked at by the name of its branch, though that could be a full name', async () => {
    const claimant = { repository: repository(), branch: 'feat/Login' };
    const found = await nameToLookAt({ environment: 'feat/Login' }, app);
    expect(found).toMatchObject({ name: { slug: 'feat-login', claimant }, damage });
  });

  test('can be looked at by its full name', async () => {
    const found = await nameToLookAt({ environment: 'shop/broken' }, app);
    expect(found).toMatchObject({ name: { namespace: 'wt-shop--broken' }, damage });
    expect(found.name.claimant).toBeUndefined();
  });

  test('cannot be changed', async () => {
    await expect(nameEnvironment({}, app)).rejects.toMatchObject(damage);
  });

  test('does not stop what is whole', async () => {
    const found = await nameToLookAt({ environment: 'demo' }, app);
    expect(found).not.toHaveProperty('damage');
  });
});

describe('an environment is found', () => {
  test('from no argument: it is that of this worktree', async () => {
    expect(await nameEnvironment({}, app)).toEqual({
      app: 'shop',
      slug: 'main',
      namespace: 'wt-shop--main',
      branch: 'main',
      specFolder: app,
      claimant: { repository: join(top, '.git'), branch: 'main' },
      toBringUp: 'wt up',
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

  test.each([
    ['a worktree that has no environment yet', 'shop/feat-login', { folder: 'other/apps/shop' }],
    [
      "an environment that --as named, in its owner's worktree",
      'shop/demo',
      { folder: 'other/apps/shop', as: 'demo' },
    ],
  ])('by the full name of %s', async (_, environment, { folder, ...as }) => {
    expect(await sourceOf({ environment }, top)).toEqual({ folder: join(top, '..', folder), ...as });
    expect(await nameEnvironment({ environment }, top)).not.toHaveProperty('claimant');
  });

  test('by a branch that reads like a full name, while no such environment exists', async () => {
    expect(await nameEnvironment({ environment: 'fix/login' }, app)).toMatchObject({
      app: 'shop',
      slug: 'fix-login',
    });
  });

  test('in the same folder of that worktree', async () => {
    const folder = join(top, '..', 'other', 'apps', 'shop');
    expect(await sourceOf({ environment: 'feat-login' }, app)).toEqual({ folder });
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

describe('an environment that is not up is brought up', () => {
  test.each([
    [{ environment: 'feat-login' }, 'wt up feat-login'],
    [{ as: 'demo-b' }, 'wt up --as demo-b'],
    [{ environment: 'shop/demo' }, 'wt up shop/demo'],
    [{ environment: 'feat/Logn' }, 'did you mean feat/Login?'],
    [
      { environment: 'nosuch' },
      '`wt list` shows the worktrees; `wt create nosuch` makes one, with its environment',
    ],
  ])('named by %j as %s', async (target, next) => {
    expect((await nameEnvironment(target, app)).toBringUp).toBe(next);
  });
});

describe('an environment is not found', () => {
  test('without a spec and without a stack', async () => {
    await expect(nameEnvironment({ environment: 'nothing' }, top)).rejects.toMatchObject({
      code: 'COPPICE_NO_SPEC',
      message: `no coppice.yaml here (${top})`,
      hint: 'go to apps/shop, or write a full name, as in `wt status shop/nothing`',
    });
  });

  test('by an invalid name', async () => {
    await expect(nameEnvironment({ as: 'No Good' }, app)).rejects.toMatchObject({
      code: 'COPPICE_SLUG',
      exitCode: 2,
    });
  });

  const list = '`wt list` shows the worktrees';
  const inFull =
    'what belongs to another repository is reached by its full name alone, as in `wt status foreign/main`';

  test.each([
    ['../../../main', inFull],
    ['../../../main/', inFull],
    ['../../../main/src', inFull],
    ['../../../other/apps', 'write the top folder of the worktree, ../../../other'],
    ['../../../nowhere/main', list],
    ['./main', list],
    ['main/', list],
    ['/main', list],
    ['feat//login', list],
    ['', list],
  ])('by a path that is no worktree of this repository: "%s"', async (environment, hint) => {
    const refused = { code: 'COPPICE_NO_WORKTREE', hint };
    await expect(nameEnvironment({ environment }, app)).rejects.toMatchObject(refused);
    await expect(sourceOf({ environment }, app)).rejects.toMatchObject(refused);
    await expect(nameEnvironment({ environment, as: 'demo' }, app)).rejects.toMatchObject(refused);
  });

  test('for an up of a branch without a worktree, with the command that creates one', async () => {
    await expect(sourceOf({ environment: 'feat/none' }, app)).rejects.toMatchObject({
      code: 'COPPICE_NO_WORKTREE',
      hint: expect.stringContaining('wt create feat/none'),
    });
  });
});
