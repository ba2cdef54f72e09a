import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CarryReport, carryFiles } from '../../app/worktrees/carry/carry.ts';
import { Interrupts } from '../../core/interrupts.ts';
import { until } from '../../core/until.ts';
import { testPorts } from '../unit/app/ports.ts';
import { Home } from './harness.ts';

let home: Home;
let from: string;
let to: string;
beforeEach(() => {
  home = new Home();
  from = home.repository();
  home.commit(from, { '.gitignore': ignored.join('\n') }, 'Ignore');
  to = `${from}.feature`;
  home.git(from, 'worktree', 'add', '-q', '-b', 'feature', to);
});
afterEach(() => home.remove());

const ignored = ['.env*', 'cache/', '*.local', 'node_modules', '#odd', '/trees/', '*.log', 'state/'].map(
  (line) => (line.startsWith('#') ? `\\${line}` : line),
);
const include = (...lines: string[]) =>
  writeFileSync(join(from, '.worktreeinclude'), `${lines.join('\n')}\n`);
const carry = (ports = testPorts()): Promise<CarryReport> => carryFiles({ from, to }, ports);
const text = (path: string) => readFileSync(join(to, path), 'utf8');
const status = () => home.git(to, 'status', '--porcelain');
const leftovers = () => (existsSync(join(to, '.coppice')) ? readdirSync(join(to, '.coppice')) : []);

describe('.worktreeinclude', () => {
  test('names ignored files, which are carried with mode and time', async () => {
    home.write(from, { '.env': 'A=1', 'web/.env.local': 'B=2', 'debug.log': 'no' });
    utimesSync(join(from, '.env'), 1_700_000_000, 1_700_000_000);
    include('.env*');
    const report = await carry();
    expect(report).toMatchObject({ files: 2, bytes: 6, carried: ['.env', 'web/.env.local'], skipped: [] });
    expect([text('.env'), text('web/.env.local')]).toEqual(['A=1', 'B=2']);
    expect(statSync(join(to, '.env')).mtimeMs).toBe(1_700_000_000_000);
    expect(statSync(join(to, '.env')).mode).toBe(statSync(join(from, '.env')).mode);
    expect(existsSync(join(to, 'debug.log'))).toBe(false);
    expect([status(), leftovers()]).toEqual(['', []]);
  });

  test.each([
    ['comments and empty lines', ['# .env', '', '/a.local'], ['a.local']],
    ['an escaped #', ['\\#odd'], ['#odd']],
    ['negation', ['*.local', '!b.local'], ['a.local', 'web/a.local']],
    ['the top alone', ['/a.local'], ['a.local']],
    ['any depth', ['**/a.local'], ['a.local', 'web/a.local']],
    ['a folder', ['cache/'], ['cache/']],
    ['what is in a folder but for one', ['cache/*', '!cache/two'], ['cache/one']],
    ['a space at the end, which counts only escaped', ['a.local  '], ['a.local', 'web/a.local']],
    ['line ends of Windows', ['a.local\r'], ['a.local', 'web/a.local']],
    ['a path', ['web/a.local'], ['web/a.local']],
    ['nothing that is there', ['missing'], []],
  ])('has the syntax of .gitignore: %s', async (_, lines, carried) => {
    const files = ['a.local', 'b.local', 'web/a.local', '#odd', 'cache/one', 'cache/two'];
    home.write(from, Object.fromEntries(files.map((file) => [file, file])));
    include(...lines);
    expect((await carry()).carried).toEqual(carried);
  });

  test('carries nothing that git does not ignore', async () => {
    home.write(from, { 'notes.txt': 'mine', 'docs/a.local': '1', 'docs/new.md': '2' });
    include('*.txt', 'README.md', 'docs/');
    expect((await carry()).carried).toEqual(['docs/a.local']);
    expect(existsSync(join(to, 'docs', 'new.md'))).toBe(false);
  });

  test('may be committed, new, or only in the new worktree', async () => {
    home.write(from, { '.env': 'A=1' });
    writeFileSync(join(to, '.worktreeinclude'), '.env\n');
    expect((await carry()).carried).toEqual(['.env']);
  });

  test('reaches into a folder of packages only where it names it', async () => {
    home.write(from, { '.env': '1', 'node_modules/a/.env': '2' });
    include('.env');
    expect((await carry()).carried).toEqual(['.env']);
    include('node_modules/');
    expect((await carry()).carried).toEqual(['node_modules/']);
  });

  test('may be missing: a hint says how to carry the variables', async () => {
    home.write(from, { 'web/.env': '1', '.env.local': '2' });
    const report = await carry();
    expect(report).toEqual({
      files: 0,
      bytes: 0,
      carried: [],
      skipped: [],
      hint: 'to have .env.local in new worktrees too, name it in .worktreeinclude: echo .env.local >> .worktreeinclude',
    });
    expect(existsSync(join(to, '.env.local'))).toBe(false);
  });

  test('that is no file is not waited for', async () => {
    home.write(from, { '.env': '1' });
    mkdirSync(join(from, '.worktreeinclude'));
    expect(await carry()).toMatchObject({ files: 0, hint: expect.stringContaining('.env') });
  });
});

describe('carry: of coppice.yaml', () => {
  test('names files relative to its folder, beside those of .worktreeinclude', async () => {
    home.write(from, {
      'apps/web/coppice.yaml': 'version: 1\nname: shop\ncarry: ["*.local", "!b.local", /.env]\n',
      ...{ 'a.local': '1', 'apps/web/a.local': '2', 'apps/web/b.local': '3', 'apps/web/x/a.local': '4' },
      ...{ '.env': '5', 'apps/web/.env': '6', 'c.log': '7' },
    });
    include('c.log');
    expect((await carry()).carried).toEqual([
      'apps/web/.env',
      'apps/web/a.local',
      'apps/web/x/a.local',
      'c.log',
    ]);
  });

  test('with mistakes in the file is named, and the rest is carried', async () => {
    home.write(from, { 'coppice.yaml': 'version: 1\nname: shop\ncarry: 7\n', '.env': '1' });
    include('.env');
    expect(await carry()).toMatchObject({
      carried: ['.env'],
      skipped: [{ path: 'coppice.yaml', reason: expect.stringContaining('`wt up` names them') }],
    });
  });
});

describe('what the new worktree has', () => {
  test('is never overwritten, and the rest of a folder is filled', async () => {
    home.write(from, { '.env': 'theirs', 'cache/a': '1', 'cache/b/c': '2' });
    home.write(to, { '.env': 'mine', 'cache/a': 'mine' });
    include('.env', 'cache/');
    const report = await carry();
    expect([text('.env'), text('cache/a'), text('cache/b/c')]).toEqual(['mine', 'mine', '2']);
    expect(report).toMatchObject({
      files: 1,
      skipped: [
        { path: '.env', reason: 'it is there already' },
        { path: 'cache/a', reason: 'it is there already' },
      ],
    });
    expect(await carry()).toMatchObject({ files: 0 });
  });

  test('decides what is tracked, also where the file is absent', async () => {
    home.write(to, { 'a.local': 'tracked', 'cache/kept': 'tracked' });
    home.git(to, 'add', '-f', 'a.local', 'cache/kept');
    home.git(to, 'commit', '-q', '-m', 'Track');
    rmSync(join(to, 'a.local'));
    rmSync(join(to, 'cache'), { recursive: true });
    home.write(from, { 'a.local': 'ignored', 'cache/kept': 'ignored', 'cache/other': '1' });
    include('a.local', 'cache/');
    expect((await carry()).skipped.map(({ path }) => path).sort()).toEqual(['a.local', 'cache/kept']);
    expect([existsSync(join(to, 'a.local')), existsSync(join(to, 'cache/kept'))]).toEqual([false, false]);
    expect(text('cache/other')).toBe('1');
  });

  test('decides what is ignored: a secret must not show up as a new file', async () => {
    home.commit(to, { '.gitignore': 'cache/\n' }, 'Ignore less');
    home.write(from, { '.env': 'SECRET=1' });
    include('.env');
    expect((await carry()).skipped).toEqual([
      {
        path: '.env',
        reason: 'the new worktree does not ignore it: it could be committed there, or is tracked',
      },
    ]);
    expect(status()).toBe('');
  });

  test('may have a link where the folder was: nothing is written through it', async () => {
    const outside = join(home.folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(to, 'web'));
    home.git(to, 'add', 'web');
    home.write(from, { 'web/.env': '1' });
    include('.env');
    expect((await carry()).skipped).toEqual([{ path: 'web/.env', reason: 'a symbolic link is there' }]);
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('what is in a folder', () => {
  test('links stay links: inside they lead to the new worktree, outside to the same file', async () => {
    const outside = join(home.folder, 'shared', 'secrets');
    home.write(join(home.folder, 'shared'), { secrets: 'S' });
    home.write(from, { 'state/file': '1' });
    const links = {
      inside: 'file',
      absolute: join(from, 'state', 'file'),
      outside,
      relative: '../../shared/secrets',
      dangling: 'nowhere',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(from, 'state', name));
    include('state/');
    // At another depth, so that a relative link that leads out must change.
    const deep = join(home.folder, 'deep', 'er', 'tree');
    home.git(from, 'worktree', 'add', '-q', '-b', 'deep', deep);
    expect((await carryFiles({ from, to: deep }, testPorts())).files).toBe(6);
    const copied = (name: string) => readlinkSync(join(deep, 'state', name));
    expect(Object.keys(links).map(copied)).toEqual([
      'file',
      join(deep, 'state', 'file'),
      outside,
      '../../../../shared/secrets',
      'nowhere',
    ]);
    expect(readFileSync(join(deep, 'state', 'relative'), 'utf8')).toBe('S');
  });

  test('other repositories and worktrees are left out and named', async () => {
    home.write(from, { 'trees/notes': '1' });
    home.git(from, 'worktree', 'add', '-q', '-b', 'agent', join(from, 'trees', 'agent'));
    home.git(from, 'init', '-q', join(from, 'cache', 'clone'));
    home.write(from, { 'cache/own': '2' });
    include('/trees/', 'cache/');
    const reason = 'it is another repository or worktree';
    const { skipped } = await carry();
    expect(skipped).toHaveLength(2);
    expect(skipped).toEqual(
      expect.arrayContaining([
        { path: 'cache/clone', reason },
        { path: 'trees/agent', reason },
      ]),
    );
    expect([text('trees/notes'), text('cache/own')]).toEqual(['1', '2']);
    expect(existsSync(join(to, 'trees', 'agent'))).toBe(false);
  });

  test('sockets and pipes are left out and named, and empty folders are carried', async () => {
    mkdirSync(join(from, 'state', 'empty'), { recursive: true });
    const socket = createServer().listen(join(from, 'state', 'server.sock'));
    await once(socket, 'listening');
    const made = spawn('mkfifo', [join(from, 'state', 'pipe')]);
    await once(made, 'exit');
    include('state/');
    const { skipped } = await carry();
    socket.close();
    expect(skipped).toEqual(
      expect.arrayContaining([
        { path: 'state/pipe', reason: 'it is a named pipe' },
        { path: 'state/server.sock', reason: 'it is a socket' },
      ]),
    );
    expect(lstatSync(join(to, 'state', 'empty')).isDirectory()).toBe(true);
  });

  test('may be read-only, with names of any kind', async () => {
    home.write(from, { 'state/a b\n"c"\\é': '1', 'state/*[x]': '2', 'state/sealed/file': '3' });
    statSync(join(from, 'state'));
    include('state/');
    expect((await carry()).files).toBe(3);
    expect([text('state/a b\n"c"\\é'), text('state/*[x]')]).toEqual(['1', '2']);
  });
});

describe('trouble', () => {
  test('Ctrl+C in the middle leaves nothing half made, and the same again carries all', async () => {
    for (let at = 0; at < 300; at++) home.write(from, { [`cache/${at}`]: String(at) });
    include('cache/');
    const interrupts = new Interrupts();
    const screen = {
      ...testPorts().screen,
      start: () => {
        setImmediate(() => interrupts.interrupt());
        return { update() {}, done() {}, fail() {} };
      },
    };
    const ports = testPorts({ interrupts, screen });
    await expect(carry(ports)).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    expect([existsSync(join(to, 'cache')), leftovers()]).toEqual([false, []]);
    expect((await carry()).files).toBe(300);
  });

  test('what a killed run left is removed by the next', async () => {
    home.write(from, { '.env': '1' });
    home.write(to, { '.coppice/.gitignore': '*\n', '.coppice/carrying-Ab12/cache/half': '1' });
    include('.env');
    expect((await carry()).files).toBe(1);
    expect(leftovers()).toEqual([]);
  });

  test('kill -9 in the middle leaves nothing half made, and the same `wt create` carries all', async () => {
    for (let at = 0; at < 1500; at++) home.write(from, { [`cache/${at}`]: String(at) });
    home.commit(from, { '.worktreeinclude': 'cache/\n' }, 'Carry');
    const made = join(home.folder, 'shop.new');
    const running = home.startWt(from, ['create', 'new', '--no-up']);
    const staging = () =>
      existsSync(join(made, '.coppice')) &&
      readdirSync(join(made, '.coppice')).some((name) => name.startsWith('carrying-'));
    await until(() => staging() || existsSync(join(made, 'cache')), {
      every: 5,
      within: 120_000,
      done: Boolean,
    });
    running.kill('SIGKILL');
    await running.ended;
    const there = existsSync(join(made, 'cache')) ? readdirSync(join(made, 'cache')).length : 0;
    expect([0, 1500]).toContain(there);
    expect((await home.wt(from, ['create', 'new', '--no-up'])).code).toBe(0);
    expect(readdirSync(join(made, 'cache'))).toHaveLength(1500);
    expect(existsSync(join(made, '.coppice'))).toBe(false);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!canMount)('on a disk that is nearly full (needs root)', () => {
  test('nothing is carried, the error says how much room is needed, and the same again carries all', async () => {
    const disk = join(home.folder, 'small');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'coppice-test', disk]);
    try {
      const tree = join(disk, 'tree');
      home.git(from, 'worktree', 'add', '-q', '-b', 'small', tree);
      home.write(from, { '.env': '1', 'cache/large': 'x'.repeat(4_000_000) });
      include('.env', 'cache/');
      const carryThere = () => carryFiles({ from, to: tree }, testPorts());
      await expect(carryThere()).rejects.toMatchObject({
        code: 'COPPICE_DISK_FULL',
        message: expect.stringMatching(
          /^no ignored file was carried into .*: 4\.0 MB are needed and .* are left$/,
        ),
        hint: expect.stringContaining('df -h'),
      });
      expect(['.env', 'cache', '.coppice'].filter((name) => existsSync(join(tree, name)))).toEqual([]);
      writeFileSync(join(from, 'cache', 'large'), 'x'.repeat(1_000_000));
      expect((await carryThere()).files).toBe(2);
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});

test('`wt create` carries files and packages, says so, and gives them to the hook', async () => {
  home.write(from, {
    '.env': 'A=1',
    '.worktreeinclude': '.env\n',
    'package-lock.json': '{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0"}}}',
    'node_modules/.package-lock.json': '{"packages":{"node_modules/a":{"version":"1.0.0"}}}',
    'node_modules/a/package.json': '{"version":"1.0.0"}',
    'coppice.yaml':
      'version: 1\nname: shop\nhooks: { created: "cat .env node_modules/a/package.json > cache.local" }\n',
  });
  home.git(from, 'add', '.worktreeinclude', 'package-lock.json', 'coppice.yaml');
  home.git(from, 'commit', '-q', '-m', 'Packages');
  const { code, stdout } = await home.wt(from, ['create', 'new', '--no-up', '--yes']);
  expect(stdout).toContain('  carried  .env (1 file, 3 B)\n');
  expect(stdout).toContain('  packages of package-lock.json copied (2 files, ');
  expect(code).toBe(0);
  const made = join(home.folder, 'shop.new');
  expect(readFileSync(join(made, 'cache.local'), 'utf8')).toBe('A=1{"version":"1.0.0"}');
  expect(home.git(made, 'status', '--porcelain')).toBe('');
});
