import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
beforeEach(() => {
  home = new Home();
});
afterEach(() => home.remove());

/** PORT as a program in that folder gets it. */
async function portIn(folder: string): Promise<number> {
  const { code, stdout, stderr } = await home.wt(folder, ['run', '--', 'sh', '-c', 'echo $PORT']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return Number(stdout);
}

interface Listed {
  readonly slots: readonly {
    readonly slot: number;
    readonly worktree?: string;
    readonly here: boolean;
    readonly gone: boolean;
    readonly ports: readonly number[];
    readonly damage?: string;
    readonly listening: readonly {
      readonly port: number;
      readonly pid?: number;
      readonly command?: string;
    }[];
  }[];
}

async function listed(folder: string): Promise<Listed['slots']> {
  const { stdout } = await home.wt(folder, ['ports', '--json']);
  return (JSON.parse(stdout) as Listed).slots;
}

const slotFile = (slot: number) => join(home.folder, '.data', 'coppice', 'slots', `${slot}.json`);

test('a moved worktree, a renamed branch and a moved repository keep their port', async () => {
  const top = home.repository();
  const feature = join(home.folder, 'a feature');
  home.git(top, 'worktree', 'add', '-q', '-b', 'feat/a', feature);
  const [main, before] = [await portIn(top), await portIn(feature)];
  expect(main).not.toBe(before);
  home.git(feature, 'branch', '-m', 'feat/b');
  const moved = join(home.folder, 'moved');
  home.git(top, 'worktree', 'move', feature, moved);
  expect(await portIn(moved)).toBe(before);
  renameSync(top, join(home.folder, 'market'));
  home.git(join(home.folder, 'market'), 'worktree', 'repair', moved);
  expect(await portIn(moved)).toBe(before);
  expect(await portIn(join(home.folder, 'market'))).toBe(main);
  expect((await listed(moved)).find(({ here }) => here)?.worktree).toBe(moved);
});

test('ten worktrees of two repositories that ask at once have ten ports', async () => {
  const tops = [home.repository('shop'), home.repository('bank')];
  const folders = tops.flatMap((top) =>
    Array.from({ length: 5 }, (_, at) => {
      const folder = `${top}.w${at}`;
      home.git(top, 'worktree', 'add', '-q', '-b', `w${at}`, folder);
      return folder;
    }),
  );
  const all = await Promise.all(folders.map(portIn));
  expect(new Set(all).size).toBe(10);
});

test('wt ports names what listens, and release refuses while it does', async () => {
  const top = home.repository();
  const port = await portIn(top);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    const [slot] = await listed(top);
    expect(slot).toMatchObject({ worktree: top, here: true, gone: false });
    expect(slot?.listening).toContainEqual(expect.objectContaining({ port, pid: process.pid }));
    const text = await home.wt(top, ['ports']);
    expect(text.stdout).toContain(`${port} node (pid ${process.pid})`);
    const refused = await home.wt(top, ['ports', '--release']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain(`(pid ${process.pid}) listens at port ${port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect((await home.wt(top, ['ports', '--release'])).code).toBe(0);
  expect(await listed(top)).toEqual([]);
  expect((await home.wt(top, ['ports', '--release'])).stderr).toContain('this worktree has no ports');
});

test('a block at which something listens is not given away', async () => {
  const top = home.repository();
  mkdirSync(join(home.folder, '.config', 'coppice'), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const settings = `hostPorts: { base: ${port}, size: 1, last: ${port} }\n`;
  writeFileSync(join(home.folder, '.config', 'coppice', 'config.yaml'), settings);
  const refused = await home.wt(top, ['run', '--', 'true']);
  await new Promise((resolve) => server.close(resolve));
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('hostPorts');
});

test('a damaged ledger gives no port away, and is written again with a message', async () => {
  const top = home.repository();
  const other = home.repository('bank');
  const before = await portIn(top);
  writeFileSync(slotFile((await listed(top))[0]?.slot ?? 0), '{"slo');
  expect(await portIn(other)).not.toBe(before);
  expect((await home.wt(other, ['ports'])).stdout).toContain('damaged');
  const repaired = await home.wt(top, ['run', '--', 'sh', '-c', 'echo $PORT']);
  expect(Number(repaired.stdout)).toBe(before);
  expect(repaired.stderr).toContain('was damaged');
  expect((await listed(top)).every(({ damage }) => damage === undefined)).toBe(true);
});

test('a worktree that git no longer knows gives its slot to the next one that needs it', async () => {
  const top = home.repository();
  const feature = join(home.folder, 'feature');
  home.git(top, 'worktree', 'add', '-q', feature);
  const before = await portIn(feature);
  rmSync(feature, { recursive: true });
  // Git still knows it: it may come back, from a disk that is not mounted.
  expect(await portIn(top)).not.toBe(before);
  home.git(top, 'worktree', 'prune');
  expect((await listed(top)).map(({ gone }) => gone)).toEqual([true, false]);
  expect((await home.wt(top, ['ports'])).stdout).toContain('worktree is gone');
  home.git(top, 'worktree', 'add', '-q', '-b', 'next', feature);
  expect(await portIn(feature)).toBe(before);
});

test('kill -9 while ports are taken leaves a ledger that works', async () => {
  const top = home.repository();
  for (const at of [0, 1, 2]) {
    const folder = join(home.folder, `w${at}`);
    home.git(top, 'worktree', 'add', '-q', '-b', `w${at}`, folder);
    const child = spawn(process.execPath, ['bin/wt', 'run', '--', 'true'], {
      env: { ...process.env, ...home.env },
      cwd: folder,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  const all = await Promise.all([0, 1, 2].map((at) => portIn(join(home.folder, `w${at}`))));
  expect(new Set(all).size).toBe(3);
  const files = readdirSync(join(home.folder, '.data', 'coppice', 'slots'));
  expect(files.filter((name) => name.endsWith('.json'))).toHaveLength(3);
});
