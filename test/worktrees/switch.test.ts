import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';
import { fzfFolder } from './shells.ts';
import { Terminal } from './terminal.ts';

let home: Home;
let top: string;
let feat: string;
beforeEach(() => {
  home = new Home();
  top = home.repository();
  feat = join(home.folder, 'shop.feat');
  home.git(top, 'worktree', 'add', '-q', '-b', 'feat/login', feat);
});
afterEach(() => home.remove());

const folderFile = () => join(home.folder, 'folder-file');
function open(size?: { columns: number; rows: number }, env: NodeJS.ProcessEnv = {}): Terminal {
  const bin = join(home.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, 'wt'))) symlinkSync(join(packageRoot(), 'bin', 'wt'), join(bin, 'wt'));
  return new Terminal(`'${join(bin, 'wt')}' switch`, {
    cwd: realpathSync(top),
    env: { ...process.env, ...home.env, COPPICE_FOLDER_FILE: folderFile(), ...env },
    ...(size && { size }),
  });
}

async function within(terminal: Terminal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await terminal.close();
  }
}

/** Where the shell's function would go. */
async function goes(cwd: string, ...words: string[]): Promise<string> {
  const { code, stderr } = await home.wt(cwd, ['switch', ...words], { COPPICE_FOLDER_FILE: folderFile() });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return readFileSync(folderFile(), 'utf8');
}

describe('wt switch', () => {
  test.each(['feat/login', 'feat-login', '../shop.feat', '../shop.feat/'])('goes to %s', async (name) => {
    expect(await goes(top, name)).toBe(feat);
  });

  test('never goes to another branch with that short name', async () => {
    home.git(top, 'branch', 'feat-login');
    const { code, stderr } = await home.wt(top, ['switch', 'feat-login']);
    expect(code).toBe(1);
    expect(stderr).toContain('wt create feat-login');
  });

  test('goes back, and to the main worktree', async () => {
    home.git(top, 'worktree', 'add', '-q', '-b', 'b', join(home.folder, 'b'));
    expect(await goes(top, 'feat-login')).toBe(feat);
    expect(await goes(feat, '-')).toBe(top);
    expect(await goes(top, '-')).toBe(feat);
    expect(await goes(feat, 'b')).toBe(join(home.folder, 'b'));
    expect(await goes(join(home.folder, 'b'), '-')).toBe(feat);
    expect(await goes(feat, '^')).toBe(top);
  });

  test('finds the one before by its branch after it was moved', async () => {
    await goes(feat, '^');
    const moved = join(home.folder, 'elsewhere');
    home.git(top, 'worktree', 'move', feat, moved);
    expect(await goes(top, '-')).toBe(moved);
  });

  test('stays in the folder of an app, where the other worktree has it', async () => {
    for (const at of [top, feat]) home.write(at, { 'apps/web/x': '' });
    expect(await goes(join(top, 'apps/web'), 'feat/login')).toBe(join(feat, 'apps/web'));
    home.write(top, { 'apps/new/x': '' });
    expect(await goes(join(top, 'apps/new'), 'feat/login')).toBe(feat);
  });

  test('works in a bare repository and from a detached worktree', async () => {
    const bare = join(home.folder, 'bare.git');
    home.git(home.folder, 'clone', '-q', '--bare', top, bare);
    const tree = join(home.folder, 'tree');
    home.git(bare, 'worktree', 'add', '-q', tree, 'main');
    expect(await goes(bare, 'main')).toBe(tree);
    expect(await goes(bare, '^')).toBe(tree);
    home.git(feat, 'checkout', '-q', '--detach');
    expect(await goes(feat, 'main')).toBe(top);
    expect(await goes(top, 'shop.feat')).toBe(feat);
  });

  test('prints the command and how to install the function where the shell has none', async () => {
    const { stdout, stderr } = await home.wt(top, ['switch', 'feat/login']);
    expect(stdout).toBe(`cd ${feat}\n`);
    expect(stderr).toContain('wt shell install');
  });

  test('prints one document with --json', async () => {
    const { stdout, stderr } = await home.wt(top, ['switch', 'feat/login', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ path: feat, branch: 'feat/login', here: false });
    expect(stderr).toBe('');
  });

  test('says what to type for a branch without a worktree, a typo, and a folder that is gone', async () => {
    home.git(top, 'branch', 'lonely');
    const lonely = await home.wt(top, ['switch', 'lonely']);
    expect(lonely).toMatchObject({ code: 1, stderr: expect.stringContaining('wt create lonely') });
    expect((await home.wt(top, ['switch', 'feat/logn'])).stderr).toContain('did you mean feat/login?');
    expect((await home.wt(top, ['switch', '-'])).stderr).toContain('no worktree before');
    home.git(top, 'worktree', 'add', '-q', '-b', 'gone', join(home.folder, 'gone'));
    const { rmSync } = await import('node:fs');
    rmSync(join(home.folder, 'gone'), { recursive: true });
    expect((await home.wt(top, ['switch', 'gone'])).stderr).toContain('git worktree repair');
    expect((await home.wt(home.folder, ['switch', 'x'])).stderr).toContain('not in a git repository');
  });

  test('creates what is missing with --create', async () => {
    const made = await goes(top, '--create', '--quiet', 'fresh');
    expect(home.git(made, 'branch', '--show-current')).toBe('fresh');
    expect(await goes(made, '--create', 'feat/login')).toBe(feat);
  });

  test('runs the hook once it is allowed', async () => {
    const spec =
      'version: 1\nname: shop\nhooks: { switched: "echo $COPPICE_BRANCH > hook-ran" }\nservices: { web: { image: node, command: node x.js, port: 3000 } }\n';
    home.write(feat, { 'coppice.yaml': spec });
    const { stderr } = await home.wt(top, ['switch', 'feat/login'], { COPPICE_FOLDER_FILE: folderFile() });
    expect(stderr).toContain('did not run');
    expect(existsSync(join(feat, 'hook-ran'))).toBe(false);
    await goes(top, '--quiet', 'feat/login', '--yes');
    expect(readFileSync(join(feat, 'hook-ran'), 'utf8')).toBe('feat/login\n');
  });

  test('needs an argument without a terminal', async () => {
    expect(await home.wt(top, ['switch'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('wt switch BRANCH'),
    });
  });
});

describe('the list', () => {
  test('filters while a person types, shows commits and changed files, and goes there', async () => {
    home.commit(feat, { 'src/login.ts': 'x' }, 'Let people log in');
    home.write(feat, { 'src/draft.ts': 'y' });
    const terminal = open({ columns: 100, rows: 30 });
    await within(terminal, async () => {
      await terminal.seen(/2 of 2/);
      terminal.type('flog');
      await terminal.seen(/1 of 2\): flog/);
      await terminal.seen(/\?\? src\/draft\.ts/);
      expect(terminal.text).toContain('Let people log in');
      terminal.type('\r');
      expect(await terminal.ended).toBe(0);
      expect(readFileSync(folderFile(), 'utf8')).toBe(feat);
    });
  });

  test.each([
    ['Esc', '\x1b', 1],
    ['Ctrl+C', '\x03', 130],
  ])('leaves everything as it was on %s', async (_, keys, code) => {
    const terminal = open({ columns: 100, rows: 30 });
    await within(terminal, async () => {
      await terminal.seen(/2 of 2/);
      terminal.type(keys);
      expect(await terminal.ended).toBe(code);
      expect(existsSync(folderFile())).toBe(false);
      // Nothing of the list stays on the screen, and the cursor is there again.
      expect(terminal.raw.lastIndexOf('\x1b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?25l'));
    });
  });

  test('scrolls through 500 branches, and works in a terminal without a size', async () => {
    const tip = home.git(top, 'rev-parse', 'HEAD');
    const lines = Array.from({ length: 500 }, (_, at) => `create refs/heads/many/${at} ${tip}\n`).join('');
    home.write(home.folder, { refs: lines });
    home.git(top, 'config', 'alias.many', `!git update-ref --stdin < '${join(home.folder, 'refs')}'`);
    home.git(top, 'many');
    const bin = join(home.folder, 'bin');
    mkdirSync(bin);
    symlinkSync(join(packageRoot(), 'bin', 'wt'), join(bin, 'wt'));
    const terminal = new Terminal(`'${join(bin, 'wt')}' switch --create`, {
      cwd: top,
      env: { ...process.env, ...home.env, COPPICE_FOLDER_FILE: folderFile() },
    });
    await within(terminal, async () => {
      await terminal.seen(/502 of 502/);
      terminal.type('\x1b[A');
      await terminal.seen(/> {2}many\/\d+/);
      terminal.type('\x1b');
      expect(await terminal.ended).toBe(1);
    });
  });
});

describe('with `picker: fzf` in the settings', () => {
  const settings = (picker = 'fzf') =>
    home.write(home.folder, { '.config/coppice/config.yaml': `picker: ${picker}\n` });
  const folder = fzfFolder();

  test.skipIf(folder === undefined).each([
    ['Enter goes to what was filtered', 'flog\r', 0],
    ['Esc leaves everything as it was', '\x1b', 1],
    ['Ctrl+C too', '\x03', 130],
  ])('the real fzf shows the list: %s', async (_, keys, code) => {
    settings();
    home.write(feat, { 'src/draft.ts': 'y' });
    const terminal = open({ columns: 120, rows: 30 }, { PATH: `${folder}:${process.env.PATH}` });
    await within(terminal, async () => {
      await terminal.seen(/switch to:[\s\S]*feat/);
      await terminal.seen(/2\/2/);
      if (code === 0) {
        terminal.type(keys.slice(0, -1));
        await terminal.seen(/1\/2/);
        // Its preview is that of the worktree.
        await terminal.seen(/src\/(draft\.ts)?/);
      }
      terminal.type(keys.slice(-1));
      expect(await terminal.ended).toBe(code);
      expect(existsSync(folderFile())).toBe(code === 0);
      if (code === 0) expect(readFileSync(folderFile(), 'utf8')).toBe(feat);
    });
  });

  test('without fzf on PATH it says so, and what to do', async () => {
    settings();
    const bin = join(home.folder, 'bin');
    mkdirSync(bin);
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    symlinkSync(process.execPath, join(bin, 'node'));
    symlinkSync(git, join(bin, 'git'));
    const program = `'${process.execPath}' '${join(packageRoot(), 'bin', 'wt')}' switch`;
    const terminal = new Terminal(`env PATH='${bin}' ${program}`, {
      cwd: top,
      env: { ...process.env, ...home.env },
      size: { columns: 200, rows: 30 },
    });
    await within(terminal, async () => {
      await terminal.seen(/there is no program fzf on PATH/);
      expect(terminal.text).toContain('take `picker: fzf` out of');
      expect(await terminal.ended).toBe(1);
    });
  });

  test('another word is a mistake in the settings', async () => {
    settings('fzy');
    const terminal = open({ columns: 200, rows: 30 });
    await within(terminal, async () => {
      await terminal.seen(/picker/);
      expect(await terminal.ended).not.toBe(0);
    });
  });
});
