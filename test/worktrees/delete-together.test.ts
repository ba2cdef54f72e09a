import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandResult } from '../e2e/harness.ts';
import { type Duel, Gates } from './gates.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
let feat: string;
let gates: Gates;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
  feat = join(home.folder, 'shop.feat');
  gates = new Gates(home);
});
afterEach(() => home.remove());

const remove = ['delete', 'feat', '--discard-changes'];

/** A worktree `feat` with a file that no commit has. */
function begin(): void {
  if (!existsSync(feat)) home.git(shop, 'worktree', 'add', '-q', '-b', 'feat', feat);
  home.write(feat, { 'new.txt': 'new' });
}

function outcomeOf({ stdout }: CommandResult): string | undefined {
  return /^feat is deleted already|^deleted feat|^.*/.exec(stdout)?.[0];
}

const records = () => readdirSync(join(shop, '.git', 'coppice', 'trash')).length;

const state = () => ({
  folder: existsSync(feat),
  worktrees: home.git(shop, 'worktree', 'list').split('\n').length,
  branch: home.git(shop, 'branch', '--list', 'feat') !== '',
});
const gone = { folder: false, worktrees: 1, branch: false };
const there = { folder: true, worktrees: 2, branch: true };

const told = ({ at, held, other }: Duel) =>
  `while one stood before git ${at}\n${held.stdout}${held.stderr}\nthe other: ${other.stdout}${other.stderr}`;

async function duels(
  held: readonly string[],
  other: readonly string[],
  { prepare, steps }: { readonly prepare: () => unknown; readonly steps: RegExp },
  check: (duel: Duel) => void,
): Promise<void> {
  await prepare();
  const command = { cwd: shop, args: held };
  const calls = await gates.callsOf(command, steps);
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    await prepare();
    const duel = await gates.duel(call, command, { cwd: shop, args: other });
    expectSound(duel);
    check(duel);
  }
}

/** Nothing is half there, and the file that no commit has is in the worktree or in the trash. */
function expectSound(duel: Duel): void {
  const now = state();
  expect([there, gone], told(duel)).toContainEqual(now);
  if (now.branch)
    expect(home.git(feat, 'rev-parse', 'feat'), told(duel)).toBe(home.git(shop, 'rev-parse', 'main'));
  expect(duel.held.code, told(duel)).toBe(0);
}

test('wherever one deletion stands when another begins, one deletes, the other says so, and an undo brings all back', async () => {
  const prepare = () =>
    existsSync(join(shop, '.git', 'coppice')) ? home.wt(shop, ['undo', 'feat']) : begin();
  // Of those that it calls at once not all.
  const steps = /worktree list|for-each-ref|status|others|update-ref/;
  await duels(remove, remove, { prepare, steps }, (duel) => {
    const both = [duel.held, duel.other];
    expect(both.map(outcomeOf).sort(), told(duel)).toEqual(['deleted feat', 'feat is deleted already']);
    expect(duel.other.code, told(duel)).toBe(0);
    expect(state(), told(duel)).toEqual(gone);
    expect(records(), told(duel)).toBe(1);
  });
  await prepare();
  expect(readFileSync(join(feat, 'new.txt'), 'utf8')).toBe('new');
});

test('an undo beside a deletion waits for it, and brings back all', async () => {
  await duels(remove, ['undo', 'feat'], { prepare: begin, steps: /update-ref/ }, (duel) => {
    expect(duel.other.code, told(duel)).toBe(0);
    expect(state(), told(duel)).toEqual(there);
    expect(readFileSync(join(feat, 'new.txt'), 'utf8')).toBe('new');
    // That of the run that shows what git is asked.
    expect(records(), told(duel)).toBe(1);
  });
});

test('a deletion beside an undo waits for it', async () => {
  const prepare = async () => {
    begin();
    expect(await home.wt(shop, remove)).toMatchObject({ code: 0 });
  };
  await duels(['undo', 'feat'], remove, { prepare, steps: /worktree list|update-ref/ }, (duel) => {
    expect(duel.other.code, told(duel)).toBe(0);
    expect(state(), told(duel)).toEqual(outcomeOf(duel.other) === 'deleted feat' ? gone : there);
  });
});

const create = ['create', '--no-up', 'feat'];

test('a create beside a deletion finds the worktree, or makes another one', async () => {
  await duels(remove, create, { prepare: begin, steps: /status|update-ref/ }, (duel) =>
    expect(duel.other.code, told(duel)).toBe(0),
  );
});

test('a deletion beside a create waits for it, and a create whose branch is deleted starts over', async () => {
  const prepare = async () => {
    await home.wt(shop, remove);
    home.git(shop, 'branch', 'feat');
  };
  await duels(create, remove, { prepare, steps: /for-each-ref|worktree add/ }, (duel) => {
    expect(state(), told(duel)).toEqual(there);
    if (duel.at.includes('worktree add')) expect(duel.other.stdout).toContain('a worktree is on it');
    else expect(duel.other.code, told(duel)).toBe(0);
  });
});
