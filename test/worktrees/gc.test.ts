import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

/** Long before any `deleteAfter`. */
const long = '2026-01-10T00:00:00Z';

let home: Home;
let top: string;
beforeEach(() => {
  home = new Home();
  top = home.repository();
});
afterEach(() => home.remove());

interface Item {
  readonly kind: 'worktree' | 'environment';
  readonly name: string;
  readonly action: string;
  readonly grounds: readonly string[];
  readonly protections: readonly string[];
  readonly outcome: { readonly kind: string; readonly undo?: string; readonly why?: string };
}

interface Repository {
  readonly applied: boolean;
  readonly doubt?: string;
  readonly problem?: string;
  readonly items: readonly Item[];
}

/** Git at a time long ago, so that what it does is old. */
function gitThen(folder: string, ...args: string[]): void {
  const then = { GIT_COMMITTER_DATE: long, GIT_AUTHOR_DATE: long };
  execFileSync('git', ['-C', folder, ...args], {
    env: { ...process.env, ...home.env, ...then },
    stdio: 'ignore',
  });
}

const pathOf = (branch: string) => join(home.folder, `shop.${branch}`);

/** A worktree whose branch has one commit; nobody touched it since. */
function oldWorktree(branch: string): string {
  gitThen(top, 'worktree', 'add', '-q', '-b', branch, pathOf(branch));
  home.write(pathOf(branch), { [`${branch}.txt`]: branch });
  gitThen(pathOf(branch), 'add', '.');
  gitThen(pathOf(branch), 'commit', '-q', '-m', branch);
  forget(branch);
  return pathOf(branch);
}

function forget(branch: string): void {
  utimesSync(join(top, '.git', 'worktrees', `shop.${branch}`, 'index'), new Date(long), new Date(long));
}

function merged(branch: string): string {
  const path = oldWorktree(branch);
  gitThen(top, 'merge', '-q', '--no-ff', '-m', `Merge ${branch}`, branch);
  return path;
}

async function gc(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await home.wt(top, ['gc', ...args, '--json'], env);
  const document = JSON.parse(stdout) as { repositories: readonly Repository[] };
  const [found] = document.repositories;
  if (found === undefined) throw new Error(`no repository: ${stdout}${stderr}`);
  const item = (name: string) => {
    const one = found.items.find((item) => item.name === name);
    if (one === undefined) throw new Error(`no ${name} in ${stdout}`);
    return one;
  };
  return { code, found, item };
}

test('each worktree goes or stays with its reason, and what went comes back', async () => {
  merged('by-merge');
  oldWorktree('by-squash');
  gitThen(top, 'merge', '-q', '--squash', 'by-squash');
  gitThen(top, 'commit', '-q', '-m', 'Squash');
  oldWorktree('by-rebase');
  gitThen(top, 'commit', '-q', '--allow-empty', '-m', 'Another');
  gitThen(top, 'cherry-pick', 'by-rebase');
  rmSync(merged('folder-gone'), { recursive: true });
  const locked = merged('locked');
  home.git(top, 'worktree', 'lock', '--reason', 'on a stick', locked);
  const left = merged('left-locked');
  home.git(top, 'worktree', 'lock', '--reason', 'claude session x (pid 4194305 start 12)', left);
  home.write(merged('dirty'), { 'new.txt': 'mine' });
  oldWorktree('unpushed');
  home.git(top, 'worktree', 'add', '-q', '-b', 'fresh', pathOf('fresh'));
  renameSync(merged('moved'), pathOf('elsewhere'));
  mkdirSync(join(home.folder, 'usb'));
  gitThen(top, 'worktree', 'add', '-q', '-b', 'on-usb', join(home.folder, 'usb', 'on-usb'));
  rmSync(join(home.folder, 'usb', 'on-usb'), { recursive: true });

  const seen = await gc();
  expect(seen.code).toBe(0);
  expect(seen.found.applied).toBe(false);
  const proof = (name: string) => {
    const { action, grounds, protections } = seen.item(name);
    return `${action}: ${(action === 'delete' ? grounds : protections).join('; ')}`;
  };
  expect(proof('by-merge')).toMatch(/^delete: merged into main by a merge.*nobody touched it for \d+ days/);
  expect(proof('by-squash')).toMatch(/^delete: merged into main by squash or rebase/);
  expect(proof('by-rebase')).toMatch(/^delete: merged into main by squash or rebase/);
  expect(proof('folder-gone')).toMatch(/^delete: its folder .* is gone; merged/);
  expect(proof('left-locked')).toMatch(/^delete: merged/);
  expect(proof('main')).toMatch(/^keep: it is the main worktree; you are in it/);
  expect(proof('locked')).toBe('keep: it is locked: on a stick');
  expect(proof('dirty')).toMatch(/^keep: 1 file has uncommitted changes/);
  expect(proof('unpushed')).toBe('keep: 1 commit is in no other branch and in no remote');
  expect(proof('fresh')).toMatch(/^keep: .*touched \d+ minutes? ago/);
  expect(proof('moved')).toMatch(/^keep: its folder was moved to .*elsewhere.*git worktree repair/);
  expect(proof('on-usb')).toMatch(/^keep: its folder is not there, and .* is empty/);
  expect(existsSync(pathOf('by-merge'))).toBe(true);

  const done = await gc(['--apply']);
  expect(done.code).toBe(0);
  const deleted = ['by-merge', 'by-squash', 'by-rebase', 'folder-gone', 'left-locked'];
  const outcomes = done.found.items.filter(({ outcome }) => outcome.kind === 'deleted');
  expect(outcomes.map(({ name }) => name).sort()).toEqual([...deleted].sort());
  for (const name of deleted) expect(existsSync(pathOf(name)), name).toBe(false);
  for (const name of ['locked', 'dirty', 'unpushed', 'fresh', 'elsewhere'])
    expect(existsSync(pathOf(name)), name).toBe(true);
  expect(home.git(top, 'branch', '--list', ...deleted)).toBe('');

  expect((await home.wt(top, ['undo', 'by-squash'])).code).toBe(0);
  expect(readFileSync(join(pathOf('by-squash'), 'by-squash.txt'), 'utf8')).toBe('by-squash');
});

test('a branch whose upstream was deleted after a merge goes; an unmerged one that is pushed goes by age and keeps its branch', async () => {
  home.git(home.folder, 'init', '-q', '--bare', 'origin.git');
  home.git(top, 'remote', 'add', 'origin', join(home.folder, 'origin.git'));
  home.git(top, 'push', '-q', '-u', 'origin', 'main');
  for (const branch of ['done', 'open']) {
    oldWorktree(branch);
    home.git(pathOf(branch), 'push', '-q', '-u', 'origin', branch);
    forget(branch);
  }
  gitThen(top, 'merge', '-q', '--squash', 'done');
  gitThen(top, 'commit', '-q', '-m', 'Squash');
  home.git(top, 'push', '-q', 'origin', 'main', ':done');

  const { item } = await gc(['--apply']);
  expect(item('done').grounds[0]).toMatch(
    /^merged into main by squash or rebase.*, and its upstream is gone$/,
  );
  expect(item('done').outcome.kind).toBe('deleted');
  expect(item('open').grounds).toEqual([expect.stringMatching(/^nobody touched it/)]);
  expect(item('open').outcome.kind).toBe('deleted');
  expect(home.git(top, 'branch', '--format=%(refname:short)')).toBe('main\nopen');
});

test('coppice.yaml says how long, and one with mistakes keeps its worktree', async () => {
  for (const [branch, section] of [
    ['kept', 'lifetime: { deleteAfter: never }'],
    ['short', 'lifetime: { deleteAfter: 24h }'],
    ['broken', 'lifetime: { deleteAfter: soon }'],
  ] as const) {
    gitThen(top, 'worktree', 'add', '-q', '-b', branch, pathOf(branch));
    home.write(pathOf(branch), { 'coppice.yaml': `version: 1\nname: shop\n${section}\n` });
    gitThen(pathOf(branch), 'add', '.');
    gitThen(pathOf(branch), 'commit', '-q', '-m', branch);
    gitThen(top, 'branch', `copy-of-${branch}`, branch);
    forget(branch);
  }
  const { item } = await gc();
  expect(item('short').action).toBe('delete');
  expect(item('kept')).toMatchObject({ action: 'keep', grounds: [] });
  expect(item('broken')).toMatchObject({ action: 'keep', grounds: [] });
  expect(item('broken').protections.join()).toMatch(
    /its lifetime could not be read: 1 problem in .*coppice\.yaml/,
  );
});

test('a process in it keeps it', async () => {
  const path = merged('used');
  const child = home.startWt(path, ['run', '--', 'sleep', '600']);
  try {
    await expect
      .poll(async () => (await gc()).item('used').protections.join())
      .toMatch(/a process runs in it \(pid \d+/);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a clock that leapt ahead deletes nothing', async () => {
  oldWorktree('unpushed');
  home.git(top, 'worktree', 'add', '-q', '--detach', pathOf('idle'));
  const leap = join(home.folder, 'leap.mjs');
  writeFileSync(leap, `const now = Date.now; Date.now = () => now() + 40 * 86400000;\n`);
  const env = { NODE_OPTIONS: `--import ${leap}` };
  const leapt = await gc(['--apply'], env);
  expect(leapt.found.doubt).toMatch(/^the clock may have leapt ahead by 40 days/);
  expect(leapt.item('shop.idle')).toMatchObject({ action: 'keep', grounds: [] });
  // The run itself is no proof that the time passed.
  expect((await gc(['--apply'], env)).item('shop.idle').action).toBe('keep');
  expect(existsSync(pathOf('idle'))).toBe(true);
});

test('git that fails in the middle: nothing is deleted after it', async () => {
  merged('one');
  merged('two');
  const bin = join(home.folder, 'bin');
  const calls = join(home.folder, 'calls');
  mkdirSync(bin);
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  // Each call takes the next number, however many run side by side.
  writeFileSync(
    join(bin, 'git'),
    `#!/bin/sh
n=1
while ! mkdir "${calls}/$n" 2>/dev/null; do n=$((n + 1)); done
if [ "$n" -eq "$FAIL_AT" ]; then echo 'fatal: broken pipe' >&2; exit 128; fi
exec '${real}' "$@"
`,
  );
  chmodSync(join(bin, 'git'), 0o755);
  const gcFailingAt = (at: number, ...args: string[]) => {
    rmSync(calls, { recursive: true, force: true });
    mkdirSync(calls);
    return home.wt(top, ['gc', ...args, '--json'], {
      PATH: `${bin}:${process.env.PATH}`,
      FAIL_AT: String(at),
    });
  };
  expect((await gcFailingAt(0)).code).toBe(0);
  const looks = readdirSync(calls).length;
  expect(looks).toBeGreaterThan(10);
  for (const at of [1, 3, Math.ceil(looks / 2), looks]) {
    const { code, stdout } = await gcFailingAt(at, '--apply');
    expect(code, `call ${at}`).not.toBe(0);
    expect(stdout).toContain('broken pipe');
    expect(existsSync(pathOf('one')) && existsSync(pathOf('two')), `call ${at} of ${looks}`).toBe(true);
  }
  // In the middle of the first deletion: the second one is not begun.
  const { code, stdout } = await gcFailingAt(looks + 5, '--apply');
  expect(code).toBe(1);
  expect(stdout).toContain('not reached');
  expect(existsSync(pathOf('two'))).toBe(true);
});

test('--all is for every repository in which wt was used, and keeps the worktree around the shell; the log says what a timer did', async () => {
  const current = merged('current');
  const other = home.repository('other');
  gitThen(other, 'worktree', 'add', '-q', '--detach', join(home.folder, 'other.idle'));
  utimesSync(join(other, '.git', 'worktrees', 'other.idle', 'index'), new Date(long), new Date(long));
  home.git(other, 'config', 'core.logAllRefUpdates', 'true');
  await home.wt(other, ['gc']);
  expect((await home.wt(home.folder, ['gc', '--log'])).stdout).toContain('has not run yet');

  const { code, stdout } = await home.wt(current, ['gc', '--all', '--apply', '--scheduled']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(existsSync(current)).toBe(true);
  expect(existsSync(join(home.folder, 'other.idle'))).toBe(false);
  const log = (await home.wt(home.folder, ['gc', '--log'])).stdout;
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT.*shop\/\.git: 2 stay$/m);
  expect(log).toMatch(/^ {2}deleted {2}other\.idle {2}nobody touched it/m);
});

test('two at once do not disturb each other', async () => {
  for (const branch of ['one', 'two', 'three']) merged(branch);
  const both = await Promise.all([gc(['--apply']), gc(['--apply'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const deleted = both.flatMap(({ found }) =>
    found.items.filter(({ outcome }) => outcome.kind === 'deleted'),
  );
  expect(deleted.map(({ name }) => name).sort()).toEqual(['one', 'three', 'two']);
});

test('what does not go together is refused with 2, and nothing is done', async () => {
  for (const args of [
    ['--install', '--apply'],
    ['--every', '1h'],
    ['--install', '--every', '7 hours'],
    ['--min-age', 'soon'],
    ['--log', '--uninstall'],
  ]) {
    const { code, stderr } = await home.wt(top, ['gc', ...args]);
    expect(code, args.join(' ')).toBe(2);
    expect(stderr).toContain('try:');
  }
  expect(existsSync(join(home.folder, '.config', 'systemd'))).toBe(false);
});
