import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCopied } from '../../app/environments/copied-packages.ts';
import { runSetup } from '../../app/environments/setup.ts';
import { readSetupRecord } from '../../app/environments/setup-record.ts';
import { type DependencyReport, prepareDependencies } from '../../app/worktrees/dependencies/prepare.ts';
import { Interrupts } from '../../core/interrupts.ts';
import { identify } from '../../git/identity.ts';
import { testPorts } from '../unit/app/ports.ts';
import { Home } from './harness.ts';

let home: Home;
let from: string;
let to: string;
beforeEach(() => {
  home = new Home();
  from = home.repository();
});
afterEach(() => home.remove());

/** Commits files, and makes the new worktree from them. */
function begin(files: Readonly<Record<string, string>>, path = `${from}.feature`): void {
  home.commit(from, { '.gitignore': 'node_modules\n.venv\nvendor\n.bundle\n', ...files }, 'Files');
  to = path;
  home.git(from, 'worktree', 'add', '-q', '-b', 'feature', to);
}
const prepare = (candidates: readonly string[] = [from], ports = testPorts()): Promise<DependencyReport> =>
  prepareDependencies({ candidates, to }, ports);
const text = (path: string) => readFileSync(join(to, path), 'utf8');
const leftovers = () => existsSync(join(to, '.coppice'));
const clean = () => home.git(to, 'status', '--porcelain');

const npmLock = (version: string, more = '') =>
  `{"lockfileVersion":3,"packages":{"":{},${more}"node_modules/a":{"version":"${version}","integrity":"sha512-${version}"}}}`;
/** As npm leaves it: a copy of the lock file, and links in .bin. */
function installNpm(worktree: string, version = '1.0.0', more = ''): void {
  home.write(worktree, {
    'node_modules/.package-lock.json': npmLock(version, more).replace('"":{},', ''),
    'node_modules/a/package.json': `{"version":"${version}"}`,
    'node_modules/a/cli.js': '#!/usr/bin/env node\n',
    'node_modules/.cache/babel/x': 'cache',
    'node_modules/.vite/deps/x': 'cache',
  });
  mkdirSync(join(worktree, 'node_modules', '.bin'), { recursive: true });
  if (!existsSync(join(worktree, 'node_modules/.bin/a')))
    symlinkSync('../a/cli.js', join(worktree, 'node_modules/.bin/a'));
}

describe('node_modules of npm', () => {
  test('is copied where the lock file has the same bytes, without caches and hard links', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    installNpm(from);
    const report = await prepare();
    expect(report).toMatchObject({
      prepared: [{ folder: '', manager: 'npm', lockFile: 'package-lock.json', from, files: 3 }],
      unprepared: [],
    });
    expect(readdirSync(join(to, 'node_modules')).sort()).toEqual(['.bin', '.package-lock.json', 'a']);
    expect(readlinkSync(join(to, 'node_modules/.bin/a'))).toBe('../a/cli.js');
    expect(statSync(join(to, 'node_modules/a/cli.js')).ino).not.toBe(
      statSync(join(from, 'node_modules/a/cli.js')).ino,
    );
    expect([clean(), leftovers()]).toEqual(['', false]);
    // Safe to run twice.
    expect(await prepare()).toEqual({ prepared: [], unprepared: [] });
  });

  test.each<[string, () => void, string]>([
    [
      'the lock file is another one',
      () => home.commit(to, { 'package-lock.json': npmLock('2.0.0') }, 'Upgrade'),
      'package-lock.json is another one in ',
    ],
    [
      'packages are not what it lists',
      () => installNpm(from, '0.9.0'),
      'node_modules is not what package-lock.json lists',
    ],
    [
      '.npmrc is another one',
      () => home.commit(to, { '.npmrc': 'omit=dev' }, 'Less'),
      '.npmrc is another one in ',
    ],
    [
      'a package was compiled for another Node',
      () =>
        home.write(from, {
          'node_modules/a/build/config.gypi': '{"variables":{"node_module_version": 1}}',
        }),
      'node_modules/a was built for another version of Node',
    ],
    [
      'git would show it as new',
      () => home.commit(to, { '.gitignore': '' }, 'Ignore nothing'),
      'the new worktree does not ignore node_modules',
    ],
    [
      'the project itself is compiled',
      () => home.write(from, { 'binding.gyp': '{}' }),
      'the project is compiled when its packages are installed',
    ],
  ])('is not copied, with the reason, where %s', async (_, change, reason) => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    installNpm(from);
    change();
    const { prepared, unprepared } = await prepare();
    expect(prepared).toEqual([]);
    expect(unprepared).toEqual([
      { folder: '', manager: 'npm', lockFile: 'package-lock.json', reason: expect.stringContaining(reason) },
    ]);
    expect([existsSync(join(to, 'node_modules')), leftovers()]).toEqual([false, false]);
  });

  test('of no worktree is nothing to speak of', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    expect(await prepare()).toEqual({ prepared: [], unprepared: [] });
  });

  test('that is a link to another folder is not copied', async () => {
    begin({ 'package-lock.json': npmLock('1.0.0') });
    mkdirSync(join(home.folder, 'elsewhere'));
    symlinkSync(join(home.folder, 'elsewhere'), join(from, 'node_modules'));
    expect(await prepare()).toEqual({ prepared: [], unprepared: [] });
  });

  test('comes from the worktree that installed last, when the first cannot serve', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    const others = ['older', 'newer', 'wrong'].map((name) => {
      const path = join(home.folder, name);
      home.git(from, 'worktree', 'add', '-q', '-b', name, path);
      installNpm(path, name === 'wrong' ? '3.0.0' : '1.0.0');
      return path;
    });
    const [older = '', newer = '', wrong = ''] = others;
    const times = { [older]: 1_600_000_000, [newer]: 1_700_000_000, [wrong]: 1_710_000_000 };
    for (const [path, time] of Object.entries(times)) utimesSync(join(path, 'node_modules'), time, time);
    expect((await prepare([from, ...others])).prepared).toMatchObject([{ from: newer }]);
    expect(existsSync(join(to, 'node_modules', 'a'))).toBe(true);
  });

  test('of a workspace has the members’ own packages too, and links to the members', async () => {
    const more =
      '"node_modules/@shop/web":{"link":true,"resolved":"apps/web"},"apps/web":{},"apps/web/node_modules/b":{"version":"2.0.0"},';
    begin({ 'package-lock.json': npmLock('1.0.0', more), 'apps/web/package.json': '{}' });
    installNpm(from, '1.0.0', more);
    home.write(from, { 'apps/web/node_modules/b/package.json': '{"version":"2.0.0"}' });
    mkdirSync(join(from, 'node_modules', '@shop'));
    symlinkSync('../../apps/web', join(from, 'node_modules', '@shop', 'web'));
    symlinkSync(join(from, 'apps/web'), join(from, 'node_modules', 'absolute'));
    expect((await prepare()).prepared).toMatchObject([{ manager: 'npm' }]);
    expect(text('apps/web/node_modules/b/package.json')).toBe('{"version":"2.0.0"}');
    expect(readlinkSync(join(to, 'node_modules/@shop/web'))).toBe('../../apps/web');
    expect(readlinkSync(join(to, 'node_modules/absolute'))).toBe(join(to, 'apps/web'));
    expect(clean()).toBe('');
  });

  test('of each project of a repository is copied by itself', async () => {
    begin({ 'package-lock.json': npmLock('1.0.0'), 'site/package-lock.json': npmLock('2.0.0') });
    installNpm(from);
    installNpm(join(from, 'site'), '2.0.0');
    const { prepared } = await prepare();
    expect(prepared.map(({ folder }) => folder)).toEqual(['', 'site']);
    expect(text('site/node_modules/a/package.json')).toBe('{"version":"2.0.0"}');
  });
});

describe('node_modules of pnpm', () => {
  const lock =
    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        version: 1.0.0\n";

  test('keeps the links of the store, and has no path of the other worktree', async () => {
    begin({ 'package.json': '{}', 'pnpm-lock.yaml': lock });
    const store = join(home.folder, 'store');
    home.write(store, { index: 'module.exports = 1;' });
    const shim = `#!/bin/sh\nexport NODE_PATH="${from}/node_modules/.pnpm/a@1.0.0/node_modules:${from}-2/x"\n`;
    home.write(from, {
      'node_modules/.modules.yaml': `virtualStoreDir: .pnpm\nstoreDir: ${store}\nroot: ${from}\n`,
      'node_modules/.pnpm/lock.yaml': lock,
      'node_modules/.pnpm/a@1.0.0/node_modules/a/own.js': 'built here',
      'node_modules/.bin/a': shim,
    });
    const inStore = 'node_modules/.pnpm/a@1.0.0/node_modules/a/index.js';
    linkSync(join(store, 'index'), join(from, inStore));
    symlinkSync('.pnpm/a@1.0.0/node_modules/a', join(from, 'node_modules', 'a'));
    const { prepared, unprepared } = await prepare();
    expect([prepared.length, unprepared]).toEqual([1, []]);
    expect(statSync(join(to, inStore)).ino).toBe(statSync(join(store, 'index')).ino);
    const own = 'node_modules/.pnpm/a@1.0.0/node_modules/a/own.js';
    expect(statSync(join(to, own)).ino).not.toBe(statSync(join(from, own)).ino);
    expect(text('node_modules/.bin/a')).toBe(
      `#!/bin/sh\nexport NODE_PATH="${to}/node_modules/.pnpm/a@1.0.0/node_modules:${from}-2/x"\n`,
    );
    expect(text('node_modules/.modules.yaml')).toContain(`root: ${to}\n`);
    expect(readFileSync(join(from, 'node_modules/.bin/a'), 'utf8')).toBe(shim);
  });
});

describe('setup:', () => {
  const spec = 'version: 1\nname: shop\nsetup: [npm ci]\n';
  const setupOf = async () => {
    const identity = await identify(to);
    return { app: 'shop', slug: 'feature', identity, folder: to, commands: ['npm ci'] };
  };

  test('is recorded as done, so that `wt up` does not install again', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0'), 'coppice.yaml': spec });
    installNpm(from);
    expect((await prepare()).prepared).toMatchObject([{ unfinished: { scripts: [], setupDone: true } }]);
    const setup = await setupOf();
    expect(await readSetupRecord(setup)).toMatchObject({ folder: to, right: ['npm'] });
    // Without a terminal it would have to ask, and fail, if anything were left to run.
    await runSetup(setup, { yes: false, again: false }, testPorts());
  });

  test('runs the scripts of the project that a copy leaves out, and not npm ci', async () => {
    const manifest = { scripts: { postinstall: 'echo ran > generated', test: 'false' } };
    begin({
      'package.json': JSON.stringify(manifest),
      'package-lock.json': npmLock('1.0.0'),
      'coppice.yaml': spec,
      '.gitignore': 'node_modules\ngenerated\n',
    });
    installNpm(from);
    expect((await prepare()).prepared).toMatchObject([
      { unfinished: { scripts: ['postinstall'], setupDone: false } },
    ]);
    const setup = await setupOf();
    const ports = testPorts({ env: { ...process.env, ...home.env } });
    await runSetup(setup, { yes: true, again: false }, ports);
    expect(text('generated')).toBe('ran\n');
    expect(text('node_modules/a/package.json')).toBe('{"version":"1.0.0"}');
    expect(await readCopied(setup)).toBeUndefined();
  });

  test('is left to npm ci where a member of the workspace has such scripts', async () => {
    const more = '"apps/web":{},';
    begin({
      'package-lock.json': npmLock('1.0.0', more),
      'apps/web/package.json': '{"scripts":{"prepare":"true"}}',
    });
    installNpm(from, '1.0.0', more);
    expect((await prepare()).unprepared).toMatchObject([
      { reason: 'apps/web has scripts that npm runs when it installs' },
    ]);
  });
});

describe('an environment of Python', () => {
  const lock =
    '[[package]]\nname = "Flask-Async"\nversion = "3.1.0"\n\n[[package]]\nname = "colorama"\nversion = "1.0"\n';
  /** Its interpreter is a program that shows what it was given. */
  function install(worktree: string, python = '/bin/cat'): void {
    const venv = join(worktree, '.venv');
    home.write(venv, {
      'pyvenv.cfg': `home = /usr/bin\ncommand = python -m venv ${venv}\n`,
      'bin/activate': `VIRTUAL_ENV='${venv}'\nexport VIRTUAL_ENV\n`,
      'bin/flask': `#!${venv}/bin/python\nimport flask\n`,
      'lib/python3.12/site-packages/flask_async-3.1.0.dist-info/METADATA': '',
      'lib/python3.12/site-packages/shop-0.1.0.dist-info/direct_url.json': `{"dir_info":{"editable":true},"url":"file://${worktree}"}`,
      'lib/python3.12/site-packages/__editable__.shop-0.1.0.pth': `${worktree}/src\n`,
      'lib/python3.12/site-packages/flask/__init__.py': `# ${worktree}\n`,
    });
    symlinkSync(python, join(venv, 'bin', 'python'));
    chmodSync(join(venv, 'bin', 'flask'), 0o755);
    utimesSync(join(venv, 'lib/python3.12/site-packages/flask/__init__.py'), 1_700_000_000, 1_700_000_000);
  }
  /** The lock file is older than what was installed from it. */
  const settle = () => utimesSync(join(from, 'uv.lock'), 1_700_000_000, 1_700_000_000);

  test('is right in the copy: scripts, activation, packages of the repository, times', async () => {
    begin({ 'uv.lock': lock });
    settle();
    install(from);
    expect((await prepare()).prepared).toMatchObject([{ manager: 'uv', lockFile: 'uv.lock' }]);
    expect(text('.venv/bin/activate')).toContain(`VIRTUAL_ENV='${to}/.venv'`);
    expect(text('.venv/pyvenv.cfg')).toContain(`home = /usr/bin\ncommand = python -m venv ${to}/.venv\n`);
    const packages = '.venv/lib/python3.12/site-packages';
    expect(text(`${packages}/__editable__.shop-0.1.0.pth`)).toBe(`${to}/src\n`);
    expect(text(`${packages}/shop-0.1.0.dist-info/direct_url.json`)).toContain(`"url":"file://${to}"`);
    expect(statSync(join(to, packages, 'flask/__init__.py')).mtimeMs).toBe(1_700_000_000_000);
    const shown = execFileSync(join(to, '.venv/bin/flask'), { encoding: 'utf8' });
    expect(shown).toBe(`#!${to}/.venv/bin/python\nimport flask\n`);
    // From the copy to a third one.
    const third = join(home.folder, 'third');
    home.git(from, 'worktree', 'add', '-q', '-b', 'third', third);
    expect((await prepareDependencies({ candidates: [to], to: third }, testPorts())).prepared).toHaveLength(
      1,
    );
  });

  test('works at a path with a space, where no first line of a script can name its interpreter', async () => {
    begin({ 'uv.lock': lock }, join(home.folder, 'a b'));
    settle();
    install(from);
    expect((await prepare()).prepared).toHaveLength(1);
    const shown = execFileSync(join(to, '.venv/bin/flask'), { encoding: 'utf8' });
    expect(shown).toBe(`#!/bin/sh\n'''exec' "${to}/.venv/bin/python" "$0" "$@"\n' '''\nimport flask\n`);
  });

  test.each<[string, () => void, string]>([
    [
      'the lock file changed since',
      () => utimesSync(join(from, 'uv.lock'), 4_000_000_000, 4_000_000_000),
      'uv.lock is newer than .venv',
    ],
    [
      'a package has another version',
      () => writeFileSync(join(from, '.venv/lib/python3.12/site-packages/colorama-2.0.dist-info'), ''),
      '.venv has colorama 2.0, uv.lock lists 1.0',
    ],
    [
      'a package is not listed',
      () => writeFileSync(join(from, '.venv/lib/python3.12/site-packages/extra-2.0.dist-info'), ''),
      '.venv has extra, which uv.lock does not list',
    ],
    [
      'it was moved',
      () => writeFileSync(join(from, '.venv/bin/activate'), 'VIRTUAL_ENV=/old/.venv\n'),
      '.venv was created at /old/.venv',
    ],
  ])('is not copied where %s', async (_, change, reason) => {
    begin({ 'uv.lock': lock });
    settle();
    install(from);
    change();
    expect((await prepare()).unprepared).toMatchObject([{ reason }]);
    expect(existsSync(join(to, '.venv'))).toBe(false);
  });
});

describe('gems and packages of Composer', () => {
  test('vendor/bundle comes with the settings that name it', async () => {
    begin({
      'Gemfile.lock':
        'GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (3.1.8)\n      base (>= 1)\n\nPLATFORMS\n  ruby\n',
    });
    home.write(from, {
      '.bundle/config': `---\nBUNDLE_PATH: "${from}/vendor/bundle"\n`,
      'vendor/bundle/ruby/3.3.0/specifications/rack-3.1.8.gemspec': '',
    });
    expect((await prepare()).prepared).toMatchObject([{ manager: 'bundler', files: 2 }]);
    expect(text('.bundle/config')).toBe(`---\nBUNDLE_PATH: "${to}/vendor/bundle"\n`);
  });

  test('a gem that is missing is named', async () => {
    begin({ 'Gemfile.lock': 'GEM\n  specs:\n    rack (3.1.8)\n    rake (13.2.1)\n' });
    home.write(from, { 'vendor/bundle/ruby/3.3.0/specifications/rack-3.1.8.gemspec': '' });
    expect((await prepare()).unprepared).toMatchObject([
      { reason: 'vendor/bundle lacks rake 13.2.1, which Gemfile.lock lists' },
    ]);
  });

  test('vendor of Composer is compared with what it installed', async () => {
    const packages = '[{"name":"monolog/monolog","version":"3.8.0","dist":{"reference":"abc"}}]';
    begin({ 'composer.lock': `{"packages":${packages},"packages-dev":[]}` });
    home.write(from, {
      'vendor/composer/installed.json': `{"packages":${packages},"dev":true}`,
      'vendor/autoload.php': '<?php',
    });
    expect((await prepare()).prepared).toMatchObject([{ manager: 'composer', files: 2 }]);
  });
});

describe('trouble', () => {
  test('Ctrl+C in the middle leaves no packages, and the same again copies them', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    installNpm(from);
    const interrupts = new Interrupts();
    const start = () => {
      setImmediate(() => interrupts.interrupt());
      return { update() {}, done() {}, fail() {} };
    };
    const ports = testPorts({ interrupts, screen: { ...testPorts().screen, start } });
    await expect(prepare([from], ports)).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    expect([existsSync(join(to, 'node_modules')), leftovers()]).toEqual([false, false]);
    expect((await prepare()).prepared).toHaveLength(1);
  });

  test('what a killed run left is removed by the next', async () => {
    begin({ 'package.json': '{}', 'package-lock.json': npmLock('1.0.0') });
    installNpm(from);
    home.write(to, { '.coppice/.gitignore': '*\n', '.coppice/carrying-Ab12/node_modules/a/half': '1' });
    expect((await prepare()).prepared).toHaveLength(1);
    expect(leftovers()).toBe(false);
  });
});
