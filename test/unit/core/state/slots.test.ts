import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  isPortFree,
  type PortRange,
  portsOf,
  releaseSlot,
  releaseSlotNumber,
  type SlotOwner,
  slotOf,
  slots,
  takeSlot,
} from '../../../../core/state/slots.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice-slots-'));
  vi.stubEnv('XDG_DATA_HOME', join(home, 'data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const wide: PortRange = { base: 20_000, size: 10, last: 20_099, avoid: [] };
const allFree = async () => true;

/** A repository's own worktree, and linked ones as git lays them out. */
function worktree(repository: string, name?: string): SlotOwner {
  const common = join(home, repository, '.git');
  const gitFolder = name === undefined ? common : join(common, 'worktrees', name);
  const path = name === undefined ? join(home, repository) : join(home, `${repository}.${name}`);
  mkdirSync(gitFolder, { recursive: true });
  mkdirSync(path, { recursive: true });
  writeFileSync(join(common, 'HEAD'), 'ref: refs/heads/main\n');
  if (name !== undefined) writeFileSync(join(gitFolder, 'gitdir'), `${join(path, '.git')}\n`);
  return { gitFolder, path };
}

const take = (owner: SlotOwner, range = wide, note?: (message: string) => void) =>
  takeSlot(owner, { range: async () => range, isFree: allFree, ...(note && { note }) });

const ledger = (slot: number) => join(home, 'data', 'coppice', 'slots', `${slot}.json`);

test('worktrees get the smallest free slot and keep it', async () => {
  const [one, two] = [worktree('shop'), worktree('shop', 'a')];
  expect((await take(one)).ports).toEqual(Array.from({ length: 10 }, (_, at) => 20_000 + at));
  expect((await take(two)).slot).toBe(2);
  expect((await take(one)).slot).toBe(1);
  await releaseSlot(one);
  expect(await slotOf(one)).toBeUndefined();
  expect((await take(worktree('shop', 'b'))).slot).toBe(1);
});

test('two repositories with one branch name have different ports', async () => {
  const [one, two] = [await take(worktree('shop', 'login')), await take(worktree('bank', 'login'))];
  expect(one.ports.filter((port) => two.ports.includes(port))).toEqual([]);
});

test('ten at once get ten slots', async () => {
  const range = { ...wide, last: 20_199 };
  const all = await Promise.all(
    Array.from({ length: 10 }, (_, at) => take(worktree('shop', `w${at}`), range)),
  );
  expect(all.map(({ slot }) => slot).sort((one, other) => one - other)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test('a worktree that was moved keeps its slot, and its path is known', async () => {
  const owner = worktree('shop', 'a');
  await take(owner);
  const path = join(home, 'elsewhere');
  writeFileSync(join(owner.gitFolder, 'gitdir'), `${join(path, '.git')}\n`);
  expect((await take({ ...owner, path })).slot).toBe(1);
  expect((await slots())[0]?.owner?.path).toBe(path);
});

test('a repository that was moved keeps its slots, and a copy of one gets its own', async () => {
  await take(worktree('shop'));
  cpSync(join(home, 'shop'), join(home, 'copy'), { recursive: true });
  expect((await take({ gitFolder: join(home, 'copy', '.git'), path: join(home, 'copy') })).slot).toBe(2);
  renameSync(join(home, 'shop'), join(home, 'market'));
  const moved = { gitFolder: join(home, 'market', '.git'), path: join(home, 'market') };
  expect((await take(moved)).slot).toBe(1);
  expect((await slots()).map(({ owner }) => owner?.gitFolder)).toContain(moved.gitFolder);
});

test('a block with a port that somebody listens at is passed over, whichever address', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    const server = await listening(host);
    if (server === undefined) continue;
    const { port } = server.address() as { port: number };
    expect(await isPortFree(port), host).toBe(false);
    const owner = worktree(`shop-${host.length}${host.includes(':')}`);
    const range = { base: port, size: 1, last: port, avoid: [] };
    await expect(takeSlot(owner, { range: async () => range })).rejects.toThrow(`from ${port} to ${port}`);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port), host).toBe(true);
  }
});

/** Undefined where this machine has no such address. */
function listening(host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(0, host, () => resolve(server));
  });
}

test('ports that browsers refuse and ports of the platform are in no slot', () => {
  expect(portsOf(1, { base: 6_660, size: 12, last: 7_000, avoid: [6_671] })).toEqual([
    6_660, 6_661, 6_662, 6_663, 6_664, 6_670,
  ]);
  expect(portsOf(1, { base: 6_665, size: 5, last: 7_000, avoid: [] })).toEqual([]);
});

test('the slot of a worktree that git no longer knows is given to the next one', async () => {
  const gone = worktree('shop', 'a');
  await take(gone);
  rmSync(gone.gitFolder, { recursive: true });
  expect((await slots())[0]?.gone).toBe(true);
  expect((await take(worktree('shop', 'b'))).slot).toBe(1);
});

test('the slot of a repository that is not there is given away only when no other is left', async () => {
  const range = { ...wide, last: 20_019 };
  const away = await take(worktree('shop'), range);
  rmSync(join(home, 'shop'), { recursive: true });
  expect(away.slot).toBe(1);
  expect((await take(worktree('bank'), range)).slot).toBe(2);
  expect((await take(worktree('farm'), range)).slot).toBe(1);
  await expect(take(worktree('mill'), range)).rejects.toMatchObject({ code: 'COPPICE_NO_PORTS' });
});

const damages = { 'cut short': '{"slot": 1, "po', empty: '', newer: '{"version": 99}', other: '[]' };
test.each(Object.entries(damages))(
  'a slot whose file is %s goes to nobody else, and its own worktree gets it back',
  async (_, text) => {
    const owner = worktree('shop', 'a');
    const before = await take(owner);
    writeFileSync(ledger(1), text);
    expect((await slots())[0]?.damage).toBeDefined();
    expect((await take(worktree('bank'))).slot).toBe(2);
    const notes: string[] = [];
    expect(await take(owner, wide, (message) => notes.push(message))).toEqual(before);
    expect(notes.join()).toContain('was damaged');
    expect((await slots())[0]?.damage).toBeUndefined();
  },
);

test('when the whole ledger is lost, worktrees of the repository keep theirs', async () => {
  const [main, linked] = [worktree('shop'), worktree('shop', 'a')];
  await take(main);
  await take(linked);
  rmSync(join(home, 'data'), { recursive: true });
  expect((await take(worktree('shop', 'b'))).slot).toBe(3);
  expect((await take(linked)).slot).toBe(2);
  expect((await take(main)).slot).toBe(1);
});

test('a worktree that is given back its git folder takes its old slot, unless somebody has it', async () => {
  const [one, two] = [worktree('shop', 'a'), worktree('shop', 'b')];
  await take(one);
  const aside = join(home, 'aside');
  renameSync(one.gitFolder, aside);
  renameSync(aside, one.gitFolder);
  expect((await take(one)).slot).toBe(1);
  renameSync(one.gitFolder, aside);
  expect((await take(two)).slot).toBe(1);
  renameSync(aside, one.gitFolder);
  expect((await take(one)).slot).toBe(2);
});

test('ports stay when the settings change, and no new slot overlaps them', async () => {
  const one = await take(worktree('shop'));
  const other = { base: 19_995, size: 10, last: 20_099, avoid: [] };
  const two = await take(worktree('bank'), other);
  expect((await take(worktree('shop'), other)).ports).toEqual(one.ports);
  expect(two.ports.filter((port) => one.ports.includes(port))).toEqual([]);
});

test('a file that is left of a write is no slot, and a number frees a damaged one', async () => {
  await take(worktree('shop'));
  writeFileSync(`${ledger(2)}.123-abcdef`, '{"slot"');
  writeFileSync(ledger(3), 'x');
  expect((await slots()).map(({ slot }) => slot)).toEqual([1, 3]);
  await releaseSlotNumber(3);
  expect((await slots()).map(({ slot }) => slot)).toEqual([1]);
});

test('git keeps the number with the worktree', async () => {
  const owner = worktree('shop', 'a');
  await take(owner);
  expect(JSON.parse(readFileSync(join(owner.gitFolder, 'coppice', 'slot.json'), 'utf8'))).toMatchObject({
    slot: 1,
  });
});
