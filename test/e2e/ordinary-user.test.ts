import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { paths } from '../../core/paths.ts';
import { type CommandResult, copyShop, get, run, testFolder, wtOk } from './harness.ts';

/** A user of this machine without root's rights, who has the package and the toolchain in the home folder. */
const user = 'coppice-test-user';
let uid: number;
let gid: number;
let home: string;
let app: string;

/** What the user's own shell would have, and none of the tests' settings. */
function userEnvironment(): NodeJS.ProcessEnv {
  return {
    HOME: home,
    USER: user,
    XDG_DATA_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    XDG_CACHE_HOME: undefined,
  };
}

function asUser(args: readonly string[]): Promise<CommandResult> {
  return run(process.execPath, [join(home, 'coppice', 'bin', 'wt'), ...args], {
    cwd: app,
    env: userEnvironment(),
    uid,
    gid,
  });
}

/** As under `sudo wt …`: root, with the caller named in SUDO_*, and root's home. */
function withSudo(args: readonly string[]): Promise<CommandResult> {
  const env = {
    ...userEnvironment(),
    HOME: '/root',
    USER: 'root',
    SUDO_USER: user,
    SUDO_UID: String(uid),
    SUDO_GID: String(gid),
  };
  return run(process.execPath, [join(home, 'coppice', 'bin', 'wt'), ...args], { env });
}

function shell(command: string, ...args: string[]): string {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}

beforeAll(async () => {
  await wtOk(['cluster', 'stop']);
  spawnSync('userdel', ['--remove', user]);
  home = join(testFolder(), 'home');
  shell('useradd', '--create-home', '--home-dir', home, user);
  uid = Number(shell('id', '-u', user));
  gid = Number(shell('id', '-g', user));
  mkdirSync(join(home, '.config', 'coppice'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'coppice', 'config.yaml'),
    `driver: embedded\nembedded:\n  dataFolder: ${home}/cluster\n  runFolder: ${testFolder()}/user-run\n`,
  );
  // Hard links: the toolchain is some hundred megabytes.
  mkdirSync(join(home, '.cache'), { recursive: true });
  shell('cp', '-al', paths().cache, join(home, '.cache', 'coppice'));
  mkdirSync(join(home, 'coppice'));
  for (const part of ['bin', 'dist', 'schema', 'toolchain', 'package.json', 'Pulumi.yaml']) {
    cpSync(join(packageRoot(), part), join(home, 'coppice', part), { recursive: true });
  }
  shell('cp', '-al', join(packageRoot(), 'node_modules'), join(home, 'coppice', 'node_modules'));
  app = join(home, 'shop');
  copyShop(app);
  // Without its packages, whose files are the example's own.
  shell('find', app, '-name', 'node_modules', '-prune', '-o', '-exec', 'chown', `${uid}:${gid}`, '{}', '+');
  shell('chown', '-R', `${uid}:${gid}`, join(home, '.config'), join(home, 'coppice', 'dist'));
  shell('chown', `${uid}:${gid}`, join(home, '.cache'), join(home, '.cache', 'coppice'));
  const git = (...args: string[]) =>
    shell('setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'git', '-C', app, ...args);
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message', 'Begin');
});

afterAll(async () => {
  await withSudo(['cluster', 'reset', '--yes']);
  shell('userdel', '--remove', user);
  await wtOk(['cluster', 'start']);
});

test('without a cluster, up names the command with sudo that starts it, and ends with 3', async () => {
  const { code, stderr } = await asUser(['up']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/sudo .*wt cluster start/);
});

test('a cluster started with sudo serves every other verb of the ordinary user', async () => {
  const started = await withSudo(['cluster', 'start']);
  expect(started.stderr).not.toContain('error');
  expect(started.code).toBe(0);

  for (const args of [
    ['up'],
    ['status'],
    ['status', '--json'],
    ['logs', 'web', '--tail', '3'],
    ['env'],
    ['cluster', 'status'],
    ['platform', 'status'],
    ['toolchain', 'list'],
    ['platform', 'up'],
    ['doctor'],
    ['stop'],
    ['start'],
    ['up'],
  ]) {
    const { code, stdout, stderr } = await asUser(args);
    expect(code, `wt ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  }
  expect((await get('main.shop.localhost')).status).toBe(200);
  const { code } = await asUser(['down']);
  expect(code).toBe(0);
});

test("nothing below the user's home folder belongs to root afterwards", () => {
  const ours = ['.local', '.config', 'shop'].map((folder) => join(home, folder));
  // Except the example's packages, which are hard links to this package's own.
  const packages = join(app, 'node_modules');
  expect(shell('find', ...ours, '-path', packages, '-prune', '-o', '-user', 'root', '-print')).toBe('');
});
