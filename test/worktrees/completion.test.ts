import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';
import { interactive, prompt, script, testShells } from './shells.ts';
import { Terminal } from './terminal.ts';

/** One repository for all tests: they only look at it. */
let home: Home;
let top: string;
beforeAll(() => {
  home = new Home();
  top = home.repository();
  home.git(top, 'worktree', 'add', '-q', '-b', 'feat/login', join(home.folder, 'shop.login'));
  for (const branch of ['price=$5(net)', 'größe', 'only-a-branch']) home.git(top, 'branch', branch);
  home.git(top, 'worktree', 'add', '-q', '--detach', join(home.folder, 'looseagent'));
  home.write(top, {
    'coppice.yaml': 'name: shop\nservices:\n  web: { port: 1 }\n  worker: { command: x }\n',
  });
  home.write(join(home.folder, 'shop.login'), { 'coppice.yaml': 'name: shop\nservices:\n  other: {}\n' });
  home.write(home.folder, { '.data/coppice/environments/blog/main.json': '{}' });
  mkdirSync(join(home.folder, 'bin'));
  symlinkSync(join(packageRoot(), 'bin', 'wt'), join(home.folder, 'bin', 'wt'));
});
afterAll(() => home.remove());

const env = () => ({
  ...home.env,
  PATH: `${join(home.folder, 'bin')}:${process.env.PATH}`,
  LC_ALL: 'C.UTF-8',
});

/** What `wt` answers to zsh: no shell changes it. */
async function answer(cwd: string, ...words: string[]): Promise<string[]> {
  const { stdout, stderr } = await home.wt(cwd, ['__complete', 'zsh', ...words]);
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}
const words = async (cwd: string, ...given: string[]) =>
  (await answer(cwd, ...given)).slice(1).map((line) => line.split('\t')[0]);

describe('the answer', () => {
  test('has branches, those with a worktree first, and worktrees without a branch', async () => {
    const found = await words(top, 'switch', '');
    expect(found).toEqual(expect.arrayContaining(['main', 'feat/login', 'looseagent', 'only-a-branch']));
    expect(found.indexOf('only-a-branch')).toBeGreaterThan(found.indexOf('looseagent'));
  });

  test('has slugs where no branch begins like that', async () => {
    expect(await words(top, 'switch', 'feat-l')).toEqual(['feat-login']);
    expect(await words(top, 'switch', 'feat')).toEqual(['feat/login']);
  });

  test('has environments of this repository by branch, and others by their full name', async () => {
    const found = await words(top, 'logs', '--env', '');
    expect(found).toEqual(expect.arrayContaining(['main', 'feat/login', 'blog/main']));
    expect(found).not.toContain('only-a-branch');
  });

  test("has services of this worktree, or of another one's spec", async () => {
    expect(await words(top, 'logs', '')).toEqual(['web', 'worker']);
    expect(await words(top, 'restart', 'web', 'w')).toEqual(['worker']);
    expect(await words(top, 'logs', '--env', 'feat/login', '')).toEqual(['other']);
  });

  test('offers folders for a path', async () => {
    expect(await answer(top, 'switch', '../')).toEqual(['folders']);
  });

  test('is empty and silent where there is no repository, server or worktree', async () => {
    expect(await answer(home.folder, 'switch', '')).toEqual(['words']);
    expect(await words(home.folder, 'sw')).toEqual(['switch']);
    expect(await answer(home.folder, 'logs', '')).toEqual(['words']);
    expect(await answer(top, 'db', 'restore', '')).toEqual(['words']);
    expect(await answer(top, 'workflows', 'show', '')).toEqual(['words']);
    expect(await answer(top, 'logs', '--env', 'feat/login', 'nope', '--', 'x')).toEqual(['files']);
  });

  test('survives a spec with mistakes', async () => {
    const broken = join(home.folder, 'broken');
    home.write(broken, { 'coppice.yaml': 'services:\n  web: [1\n' });
    expect(await answer(broken, 'logs', '')).toEqual(['words', 'web']);
  });
});

/** Keys that are typed, and the words that a program receives for them: each shell may quote in its own way. */
const typed = [
  ['wt sw\t', '<switch>'],
  ['wt db resto\t', '<db><restore>'],
  ['wt switch fea\t', '<switch><feat/login>'],
  ['wt switch loose\t', '<switch><looseagent>'],
  ['wt status --ver\t', '<status><--verbose>'],
  ['wt logs --env fea\t', '<logs><--env><feat/login>'],
  ['wt logs --env=fea\t', '<logs><--env=feat/login>'],
  ['wt logs wo\t', '<logs><worker>'],
  ['wt logs --env blog\t', '<logs><--env><blog/main>'],
  ['wt switch pri\t', '<switch><price=$5(net)>'],
  ['wt switch price=\t', '<switch><price=$5(net)>'],
  ['wt switch gr\t', '<switch><größe>'],
  ["wt switch 'fea\t", '<switch><feat/login>'],
  ['wt switch "fea\t', '<switch><feat/login>'],
  ["wt switch p'ri\t", '<switch><price=$5(net)>'],
  ["wt switch pri'\t", '<switch><price=$5(net)>'],
] as const;

describe.each(testShells.map((shell) => [shell.name, shell] as const))('Tab in %s', (name, shell) => {
  test('completes what is typed, quoted as the shell needs it', async () => {
    const { stdout } = await home.wt(top, ['env', '--shell', name], env());
    const file = join(home.folder, `integration.${name}`);
    writeFileSync(file, stdout);
    const shows = {
      bash: `wt() { printf '<%s>' "$@"; echo; }`,
      zsh: `wt() { printf '<%s>' "$@"; echo; }`,
      fish: `function wt; printf '<%s>' $argv; echo; end`,
    }[name];
    const terminal = new Terminal(interactive(shell, home, [`source '${file}'`, shows]), {
      cwd: top,
      env: { ...process.env, ...env(), ...shell.env },
      size: { columns: 200, rows: 50 },
    });
    try {
      await terminal.seen(new RegExp(prompt));
      for (const [keys, received] of typed) {
        terminal.forget();
        terminal.type(`${keys}\r`);
        await terminal.seen(new RegExp(received.replace(/[$()]/g, '\\$&')));
      }
    } finally {
      await terminal.close();
    }
  });
});

test.each(testShells.filter(({ name }) => name === 'fish').map((shell) => [shell] as const))(
  'fish shows what each word means',
  async (shell) => {
    const { stdout: text } = await home.wt(top, ['env', '--shell', 'fish'], env());
    const file = join(home.folder, 'integration.fish');
    writeFileSync(file, text);
    const where = { cwd: top, env: env() };
    const { stdout } = script(shell, [`source '${file}'`, "complete -C 'wt swi'"], where);
    expect(stdout).toBe('switch\tgo to the worktree of a branch\n');
    const after = script(shell, [`source '${file}'`, "complete -C 'wt db psql -- --'"], where);
    expect(after.stdout).not.toContain('--env');
  },
);
