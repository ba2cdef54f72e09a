import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { exportLine, prependLine, quote, shellOf } from '../../../core/shell.ts';

const nasty = `/a b/$HOME/\`id\`/"q"/it's/\\n/#*?`;
const inShell = (shell: string, script: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(shell, ['-uec', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

describe('lines of wt env', () => {
  test.each(['sh', 'bash'])('set exactly the given value in %s, whatever it contains', (shell) => {
    const { stdout, stderr } = inShell(shell, `${exportLine('VALUE', nasty, 'posix')}\nprintf %s "$VALUE"`);
    expect(stderr).toBe('');
    expect(stdout).toBe(nasty);
  });

  test.each(['sh', 'bash'])('prepend a folder to PATH in %s, and only once', (shell) => {
    const line = prependLine('PATH', [nasty.replaceAll(':', '')], 'posix');
    const { stdout } = inShell(shell, `${line}\n${line}\nprintf %s "$PATH"`);
    expect(stdout).toBe(`${nasty}:${process.env.PATH}`);
  });

  test('start a list that was not set without an empty entry', () => {
    expect(
      inShell('sh', `${prependLine('NODE_PATH', ['/one', '/two'], 'posix')}\nprintf %s "$NODE_PATH"`).stdout,
    ).toBe('/one:/two');
  });

  test('keep the previous entries of a list', () => {
    const script = `${prependLine('NODE_PATH', ['/one'], 'posix')}\nprintf %s "$NODE_PATH"`;
    expect(inShell('sh', script, { NODE_PATH: '/mine' }).stdout).toBe('/one:/mine');
  });

  test('are in fish syntax for fish', () => {
    expect(exportLine('A', "it's", 'fish')).toBe("set -gx A 'it\\'s'");
    expect(prependLine('PATH', ['/x'], 'fish')).toContain('set -gx PATH /x $PATH');
  });

  test('leave plain words unquoted', () => {
    expect(quote('/usr/bin:file-1.2', 'posix')).toBe('/usr/bin:file-1.2');
  });
});

test.each([
  ['/usr/bin/fish', 'fish'],
  ['fish', 'fish'],
  ['/bin/zsh', 'posix'],
  [undefined, 'posix'],
])('the shell %s reads %s', (name, kind) => {
  expect(shellOf(name)).toBe(kind);
});
