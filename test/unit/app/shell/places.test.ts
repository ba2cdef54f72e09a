import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rcFile, rcLine } from '../../../../app/shell/places.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice-places-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const on = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) => ({ home, env, platform });

test.each([
  ['bash', {}, '.bashrc'],
  ['zsh', {}, '.zshrc'],
  ['zsh', { ZDOTDIR: '/z' }, '/z/.zshrc'],
  ['zsh', { ZDOTDIR: 'relative' }, '.zshrc'],
  ['fish', {}, '.config/fish/conf.d/coppice.fish'],
  ['fish', { XDG_CONFIG_HOME: '/c' }, '/c/fish/conf.d/coppice.fish'],
] as const)('%s with %j reads %s', async (shell, env, file) => {
  expect(await rcFile(shell, on('linux', env))).toBe(file.startsWith('/') ? file : join(home, file));
});

test('a login shell of macOS reads the first profile that there is', async () => {
  expect(await rcFile('bash', on('darwin'))).toBe(join(home, '.bash_profile'));
  writeFileSync(join(home, '.profile'), 'x\n');
  expect(await rcFile('bash', on('darwin'))).toBe(join(home, '.profile'));
  writeFileSync(join(home, '.bash_profile'), '[ -f ~/.bashrc ] && . ~/.bashrc\n');
  expect(await rcFile('bash', on('darwin'))).toBe(join(home, '.bashrc'));
});

test('a path below the home is written so that it holds on another machine', () => {
  const file = join(home, '.local/share/coppice/shell/wt.bash');
  expect(rcLine('bash', file, on('linux'))).toContain('"$HOME/.local/share/coppice/shell/wt.bash"');
  expect(rcLine('bash', '/else where/wt.bash', on('linux'))).toContain("'/else where/wt.bash'");
  expect(rcLine('bash', join(home, 'a"$b/wt.bash'), on('linux'))).not.toContain('"$HOME');
});
