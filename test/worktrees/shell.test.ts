import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';
import { interactive, prompt, script, testShells } from './shells.ts';
import { Terminal } from './terminal.ts';

let home: Home;
let top: string;
let feat: string;
beforeEach(() => {
  home = new Home();
  top = home.repository('my shop');
  feat = join(home.folder, '-my shop.feat');
  home.git(top, 'worktree', 'add', '-q', '-b', 'feat/login', feat);
  const bin = join(home.folder, 'bin');
  mkdirSync(bin);
  for (const name of ['wt', 'coppice']) symlinkSync(join(packageRoot(), 'bin', 'wt'), join(bin, name));
});
afterEach(() => home.remove());

const pathWith = (...folders: string[]) => [...folders, process.env.PATH].join(':');
const env = () => ({ ...home.env, PATH: pathWith(join(home.folder, 'bin')), NO_COLOR: '1' });

async function integration(shell: string, ...words: string[]): Promise<string> {
  const { code, stdout } = await home.wt(top, ['env', '--shell', shell, ...words], env());
  expect(code).toBe(0);
  const file = join(home.folder, `integration.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

describe.each(testShells.map((shell) => [shell.name, shell] as const))(
  'the function wt in %s',
  (name, shell) => {
    const status = name === 'fish' ? '$status' : '$?';
    const run = async (...lines: string[]) => {
      const file = await integration(name);
      return script(shell, [`source '${file}'`, ...lines], { cwd: top, env: env() });
    };

    test('goes to a worktree and back, whatever is in its path', async () => {
      const { stdout, stderr } = await run(
        'wt switch feat-login >/dev/null',
        'pwd',
        'wt switch - >/dev/null',
        'pwd',
      );
      expect(stderr).toBe('');
      expect(stdout).toBe(`${feat}\n${top}\n`);
    });

    test('keeps exit code, arguments and streams, and leaves no file', async () => {
      const temporary = join(home.folder, 'tmp');
      mkdirSync(temporary);
      const export_ = name === 'fish' ? `set -gx TMPDIR '${temporary}'` : `export TMPDIR='${temporary}'`;
      const ran = await run(
        export_,
        'wt switch nowhere',
        `echo "code ${status}"`,
        "wt switch 'no where'",
        'pwd',
        'wt switch feat-login | tr a-z A-Z',
        'ls -A $TMPDIR',
      );
      expect(ran.stdout).toContain('code 1\n');
      expect(ran.stderr).toContain('no worktree or branch no where');
      expect(ran.stdout).toContain(`${top}\n`);
      expect(ran.stdout).toContain('FEAT/LOGIN');
      expect(ran.stdout).not.toContain('wt-folder');
    });

    test('reads standard input of the program', async () => {
      const { stdout } = await run('echo y | wt shell install --shell bash; echo end');
      expect(stdout).toContain('end');
      expect(existsSync(join(home.folder, '.bashrc'))).toBe(false);
    });

    test('is left out by command', async () => {
      const { stdout } = await run('command wt switch feat-login', 'pwd');
      expect(stdout).toBe(`cd '${feat}'\n${top}\n`);
    });

    test('works as coppice too, and under a name of its own beside another wt', async () => {
      const other = join(home.folder, 'other');
      mkdirSync(other);
      writeFileSync(join(other, 'wt'), '#!/bin/sh\necho other\n');
      chmodSync(join(other, 'wt'), 0o755);
      const mixed = { ...env(), PATH: pathWith(other, join(home.folder, 'bin')) };
      const { stdout: text } = await home.wt(top, ['env', '--shell', name, '--cmd', 'trees'], mixed);
      const file = join(home.folder, 'trees');
      writeFileSync(file, text);
      const { stdout } = script(
        shell,
        [`source '${file}'`, 'trees switch feat-login >/dev/null', 'pwd', 'wt'],
        {
          cwd: top,
          env: mixed,
        },
      );
      expect(stdout).toBe(`${feat}\nother\n`);
      const both = await run('coppice switch feat-login >/dev/null', 'pwd');
      expect(both.stdout).toBe(`${feat}\n`);
    });

    test('is not disturbed by aliases and strict options', async () => {
      const odd =
        name === 'fish'
          ? ['function cd; echo ours; end', 'function rm; echo ours; end']
          : ['alias wt=false', 'alias rm="rm -i"', 'cd() { echo ours; }'];
      const strict = name === 'fish' ? [] : ['set -eu'];
      const file = await integration(name);
      const { stdout, stderr } = script(
        shell,
        [...odd, `source '${file}'`, ...strict, 'wt switch feat-login >/dev/null', 'pwd'],
        { cwd: top, env: env() },
      );
      expect(stderr).toBe('');
      expect(stdout).toBe(`${feat}\n`);
    });

    test('is installed and taken out without a trace, and a new shell has it', async () => {
      const rc = {
        bash: join(home.folder, '.bashrc'),
        zsh: join(home.folder, 'z', '.zshrc'),
        fish: join(home.folder, '.config', 'fish', 'conf.d', 'coppice.fish'),
      }[name];
      const place = { ...env(), ZDOTDIR: join(home.folder, 'z') };
      const install = (...words: string[]) =>
        home.wt(top, ['shell', 'install', '--shell', name, ...words], place);
      const refused = await install();
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
      expect(existsSync(rc)).toBe(false);
      expect(await install('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('+++') });
      const written = readFileSync(rc, 'utf8');
      expect(await install('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('already') });
      expect(readFileSync(rc, 'utf8')).toBe(written);
      expect(written.trim().split('\n')).toHaveLength(1);

      const lines = [`source '${rc}'`, 'wt switch feat-login >/dev/null', 'pwd'];
      expect(script(shell, lines, { cwd: top, env: place }).stdout).toBe(`${feat}\n`);
      expect((await home.wt(top, ['shell', 'uninstall', '--shell', name], place)).code).toBe(0);
      expect(existsSync(rc)).toBe(false);
    });

    test('can be suspended and continued', async () => {
      const bin = join(home.folder, 'asking');
      mkdirSync(bin);
      writeFileSync(join(bin, 'wt'), '#!/bin/sh\n# coppice\necho asks; read line; echo "got $line"\n');
      chmodSync(join(bin, 'wt'), 0o755);
      const file = await integration(name);
      const terminal = new Terminal(interactive(shell, home, [`source '${file}'`]), {
        cwd: top,
        env: { ...process.env, ...env(), ...shell.env, PATH: pathWith(bin, join(home.folder, 'bin')) },
        size: { columns: 120, rows: 30 },
      });
      try {
        await terminal.seen(new RegExp(prompt));
        terminal.type('wt\r');
        await terminal.seen(/asks/);
        terminal.forget();
        terminal.type('\x1a');
        await terminal.seen(new RegExp(prompt));
        terminal.type('fg\r');
        // A shell throws away what was typed before it gave the terminal to the program.
        await terminal.typeUntil('an answer\r', /got an answer/);
      } finally {
        await terminal.close();
      }
    });
  },
);

describe('wt shell install', () => {
  const install = (place: NodeJS.ProcessEnv = {}) =>
    home.wt(top, ['shell', 'install', '--shell', 'bash', '--yes'], { ...env(), ...place });
  const uninstall = () => home.wt(top, ['shell', 'uninstall', '--shell', 'bash'], env());

  test.each(['alias a=b\n', 'alias a=b', '', '\n\n'])('gives the bytes of %j back', async (text) => {
    const rc = join(home.folder, '.bashrc');
    writeFileSync(rc, text);
    await install();
    expect(readFileSync(rc, 'utf8')).not.toBe(text);
    await uninstall();
    expect(readFileSync(rc, 'utf8')).toBe(text);
  });

  test('keeps a link of a dotfile manager and the mode of its target', async () => {
    const target = join(home.folder, 'dotfiles-bashrc');
    writeFileSync(target, 'alias a=b\n');
    chmodSync(target, 0o640);
    symlinkSync(target, join(home.folder, '.bashrc'));
    await install();
    expect(lstatSync(join(home.folder, '.bashrc')).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toContain('wt shell uninstall');
    expect(statSync(target).mode & 0o777).toBe(0o640);
  });

  test('says when the function hides another program called wt', async () => {
    const other = join(home.folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'wt'), '#!/bin/sh\n');
    chmodSync(join(other, 'wt'), 0o755);
    const { stdout } = await install({ PATH: pathWith(other, join(home.folder, 'bin')) });
    expect(stdout).toContain(`${join(other, 'wt')} is another program`);
    expect(stdout).toContain('--cmd coppice');
  });

  test('needs to know the shell', async () => {
    const { code, stderr } = await home.wt(top, ['shell', 'install', '--yes'], {
      ...env(),
      SHELL: '/bin/nu',
    });
    expect(code).toBe(2);
    expect(stderr).toContain('--shell');
  });
});
