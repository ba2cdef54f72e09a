import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

const spec = `version: 1
name: shop
services:
  web: { runtime: node, command: node server.js, port: 3000, env: { NAME: "\${environment.name}" } }
`;

let home: Home;
let top: string;
beforeEach(() => {
  home = new Home();
  top = home.repository();
  home.commit(top, { 'coppice.yaml': spec }, 'Add a spec');
});
afterEach(() => home.remove());

interface Layout {
  /** The tool that puts its worktrees there. */
  readonly who: string;
  readonly path: string;
  /** Absent for a detached one. */
  readonly branch?: string;
  readonly lock?: string;
  readonly name: string;
  readonly slug: string;
}

const layouts = (): Layout[] => [
  {
    who: 'Claude Code',
    path: join(top, '.claude', 'worktrees', 'feat-x'),
    branch: 'worktree-feat-x',
    lock: 'claude session feat-x (pid 1 start 1)',
    name: 'worktree-feat-x',
    slug: 'worktree-feat-x',
  },
  {
    who: 'Codex',
    path: join(home.folder, '.codex', 'worktrees', 'ab12', 'shop'),
    name: 'shop',
    slug: 'shop',
  },
  {
    who: 'Copilot',
    path: join(home.folder, 'shop.worktrees', 'cp-x'),
    branch: 'cp-x',
    name: 'cp-x',
    slug: 'cp-x',
  },
  {
    who: 'git',
    path: join(home.folder, 'somewhere else', 'by hand'),
    branch: 'feat/By_Hand',
    name: 'feat/By_Hand',
    slug: 'feat-by-hand',
  },
  {
    who: 'an agent',
    path: join(top, 'packages', 'deep', 'tree'),
    branch: 'agent/tree',
    name: 'agent/tree',
    slug: 'agent-tree',
  },
];

function add({ path, branch, lock }: Layout): void {
  mkdirSync(dirname(path), { recursive: true });
  const where = branch === undefined ? ['--detach', path] : ['-b', branch, path];
  home.git(top, 'worktree', 'add', '-q', ...where);
  if (lock !== undefined) home.git(top, 'worktree', 'lock', '--reason', lock, path);
}

async function json<T>(folder: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await home.wt(folder, [...args, '--json']);
  expect(code, `${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Variables {
  readonly variables: Readonly<Record<string, string>>;
}

test('a worktree that any tool made is found by its name, and has an environment name and ports of its own', async () => {
  const all = layouts();
  for (const layout of all) add(layout);
  const ports = new Set<string | undefined>();
  for (const { who, path, name, slug } of all) {
    const switched = await json<{ path: string; name: string }>(top, 'switch', name);
    expect(switched, who).toMatchObject({ path, name });
    const { variables } = await json<Variables>(path, 'run', '--print');
    expect(variables.NAME, who).toBe(`shop/${slug}`);
    ports.add(variables.PORT);
    const named = await json<Variables>(top, 'run', '--env', name, '--print');
    expect(named.variables.NAME, who).toBe(`shop/${slug}`);
  }
  expect(ports.size).toBe(all.length);
  const list = await json<{ items: readonly { path: string; name: string }[] }>(top, 'list');
  const listed = new Map(list.items.map(({ path, name }) => [path, name]));
  for (const { who, path, name } of all) expect(listed.get(path), who).toBe(name);
  const { slots } = await json<{ slots: readonly { worktree: string }[] }>(top, 'ports');
  const known = slots.map(({ worktree }) => worktree);
  expect(known).toEqual(expect.arrayContaining(all.map(({ path }) => path)));
});
