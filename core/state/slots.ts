import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { CoppiceError, hasCode } from '../errors.ts';
import { isOneFolder, namesIn, readIfPresent, writeAtomic, writeJson } from '../files.ts';
import { withLock } from '../lock.ts';
import { paths } from '../paths.ts';
import { parseWhole } from './state-file.ts';

/**
 * The ledger of ports for processes on this machine: one file a slot, `slots/<number>.json` in the data folder, so that
 * damage to one says nothing about the others. A slot belongs to the folder that git keeps for a worktree, which stays
 * the same when the worktree is moved or its branch renamed. That folder has a copy of the number, for a repository that
 * was moved and for a ledger that was lost.
 */

/** A worktree as the ledger knows it. */
export interface SlotOwner {
  /** Absolute path of the folder that git keeps for it: `.git`, or `.git/worktrees/<name>`. */
  readonly gitFolder: string;
  /** Absolute path of its top folder. */
  readonly path: string;
}

/** A worktree's ports. */
export interface Slot extends SlotOwner {
  readonly slot: number;
  /** The first is `PORT`. */
  readonly ports: readonly number[];
}

/** From which ports slots are made: `base` to `base + size - 1` for slot 1, and so on, up to `last`. */
export interface PortRange {
  readonly base: number;
  readonly size: number;
  readonly last: number;
  /** Ports that others use: those of the platform. */
  readonly avoid: readonly number[];
}

export interface KnownSlot {
  readonly slot: number;
  /** Absent when its file cannot be read: then nobody else gets its ports. */
  readonly owner?: SlotOwner;
  readonly ports: readonly number[];
  /** Its worktree is gone for certain: git's folder is not in a repository that is there. */
  readonly gone: boolean;
  /** Why its file cannot be read. */
  readonly damage?: string;
}

const folder = () => join(paths().data, 'slots');
const fileOf = (slot: number) => join(folder(), `${slot}.json`);
const copyIn = (gitFolder: string) => join(gitFolder, 'coppice', 'slot.json');

const fields = { slot: 'number', ports: 'array', gitFolder: 'string', path: 'string' } as const;

/** Whether a port is free on every address that a server might listen at. */
export type Probe = (port: number) => Promise<boolean>;

export interface Taking {
  /** Asked for only when a new slot is needed. */
  readonly range: () => Promise<PortRange>;
  /** Told when the ledger was damaged and this worktree's part of it was written again. */
  readonly note?: (message: string) => void;
  readonly isFree?: Probe;
}

/**
 * The slot that a worktree has, or the smallest free one, whose ports nothing listens on now. The same one each time
 * until it is released. Throws COPPICE_NO_PORTS, COPPICE_CANNOT_WRITE, COPPICE_DISK_FULL.
 */
export async function takeSlot(owner: SlotOwner, taking: Taking): Promise<Slot> {
  const known = await heldBy(owner);
  if (known !== undefined) return known;
  return withLock(folder(), async () => (await heldBy(owner)) ?? (await takeFree(owner, taking)));
}

/**
 * The slot that a worktree has; undefined when it has none.
 *
 * @internal Exported for its test, which takes none.
 */
export async function slotOf(owner: SlotOwner): Promise<Slot | undefined> {
  const number = await copiedNumber(owner.gitFolder);
  const known = number === undefined ? undefined : await readSlot(number);
  if (known?.owner && isSame(known.owner, owner)) return slotFrom(known, owner);
  const found = (await slots()).find((one) => one.owner !== undefined && isSame(one.owner, owner));
  return found && slotFrom(found, owner);
}

/** Gives a worktree's slot back; true when it had one. */
export async function releaseSlot({ gitFolder }: Pick<SlotOwner, 'gitFolder'>): Promise<boolean> {
  const isIts = (one: KnownSlot) => one.owner?.gitFolder === gitFolder;
  if (!(await slots()).some(isIts)) return false;
  return withLock(folder(), async () => {
    const its = (await slots()).filter(isIts);
    for (const one of its) await release(one);
    return its.length > 0;
  });
}

/** Gives a slot back by its number, for one whose worktree is gone or whose file is damaged; true when there was one. */
export async function releaseSlotNumber(slot: number): Promise<boolean> {
  return withLock(folder(), async () => {
    const known = await readSlot(slot);
    if (known !== undefined) await release(known);
    return known !== undefined;
  });
}

async function release({ slot, owner }: KnownSlot): Promise<void> {
  // First, as a worktree that remembers its slot keeps others from it.
  if (owner !== undefined && (await copiedNumber(owner.gitFolder)) === slot)
    await rm(copyIn(owner.gitFolder), { force: true });
  await rm(fileOf(slot), { force: true, recursive: true });
}

/** All slots that are taken, by number. Never throws for a file that is damaged or of another version. */
export async function slots(): Promise<KnownSlot[]> {
  const names = await namesIn(folder());
  const numbers = names.flatMap((name) => /^([1-9]\d{0,4})\.json$/.exec(name)?.[1] ?? []).map(Number);
  const found = await Promise.all(numbers.sort((one, other) => one - other).map(readSlot));
  return found.flatMap((slot) => slot ?? []);
}

async function readSlot(slot: number): Promise<KnownSlot | undefined> {
  let text: string | undefined;
  try {
    text = await readIfPresent(fileOf(slot));
  } catch (error) {
    return {
      slot,
      ports: [],
      gone: false,
      damage: hasCode(error, 'EISDIR') ? 'it is a folder' : 'it cannot be read',
    };
  }
  if (text === undefined) return undefined;
  const { value, problem } = parseWhole(text, fields);
  const entry = value as Slot | undefined;
  const ports = entry?.ports.filter((port) => Number.isInteger(port) && port > 0 && port < 65_536) ?? [];
  if (entry === undefined || ports.length === 0)
    return { slot, ports, gone: false, damage: problem ?? 'it names no ports' };
  const { gitFolder, path } = entry;
  return { slot, ports, owner: { gitFolder, path: presentPath(gitFolder) ?? path }, gone: isGone(gitFolder) };
}

/** Where a worktree is now, as git records it. */
function presentPath(gitFolder: string): string | undefined {
  try {
    // https://git-scm.com/docs/gitrepository-layout: the path of the worktree's `.git` file.
    return dirname(readFileSync(join(gitFolder, 'gitdir'), 'utf8').trimEnd());
  } catch {
    return undefined;
  }
}

/** A repository that is not there may be on a disk that is not mounted, or was moved: it is not gone for certain. */
function isGone(gitFolder: string): boolean {
  const linked = /^(.*)[\\/]worktrees[\\/][^\\/]+$/.exec(gitFolder)?.[1];
  return linked !== undefined && !existsSync(gitFolder) && existsSync(join(linked, 'HEAD'));
}

function isSame(one: SlotOwner, other: SlotOwner): boolean {
  return isOneFolder(one.gitFolder, other.gitFolder);
}

function slotFrom({ slot, ports }: KnownSlot, owner: SlotOwner): Slot {
  return { slot, ports, ...owner };
}

/** The slot of the ledger, or the one that the worktree remembers where the ledger knows nobody for it. */
async function heldBy(owner: SlotOwner): Promise<Slot | undefined> {
  const held = await slotOf(owner);
  if (held !== undefined) await remember(held);
  return held;
}

async function takeFree(owner: SlotOwner, taking: Taking): Promise<Slot> {
  const taken = await slots();
  const again = await takeAgain(owner, taken, taking.note);
  if (again !== undefined) return again;
  const range = await taking.range();
  const siblings = await rememberedBySiblings(owner);
  const certain = taken.filter(({ gone }) => !gone);
  const there = certain.filter(({ owner }) => owner === undefined || existsSync(owner.gitFolder));
  // Repositories that are not there, perhaps for a while, lose theirs only when nothing else is left.
  for (const kept of [certain, there]) {
    const slot = await firstFree(range, [...kept, ...siblings], taking.isFree);
    if (slot === undefined) continue;
    await dropOverlapping(taken, slot);
    return write({ ...slot, ...owner });
  }
  throw noPortsError(range, certain.length);
}

/** A worktree that comes back must not find ports that another one has now. */
async function dropOverlapping(taken: readonly KnownSlot[], { slot, ports }: Numbered): Promise<void> {
  const lost = taken.filter((one) => one.slot !== slot && one.ports.some((port) => ports.includes(port)));
  for (const one of lost) await rm(fileOf(one.slot), { force: true });
}

/** A slot that this worktree remembers: its repository was moved, or its file in the ledger was lost or damaged. */
async function takeAgain(
  owner: SlotOwner,
  taken: readonly KnownSlot[],
  note: Taking['note'],
): Promise<Slot | undefined> {
  const remembered = await readCopy(owner.gitFolder);
  if (remembered === undefined) return undefined;
  const holder = taken.find(({ slot }) => slot === remembered.slot);
  // A copied repository has the number of the one that it was copied from.
  if (holder?.owner !== undefined && existsSync(holder.owner.gitFolder)) return undefined;
  const others = taken.filter(({ slot }) => slot !== remembered.slot);
  if (others.some(({ ports }) => ports.some((port) => remembered.ports.includes(port)))) return undefined;
  if (holder?.damage !== undefined)
    note?.(`${fileOf(holder.slot)} was damaged (${holder.damage}): written again, with the same ports`);
  return write({ ...remembered, ...owner });
}

interface Numbered {
  readonly slot: number;
  readonly ports: readonly number[];
}

/** What other worktrees of the repository remember: where the ledger was lost, theirs are not given away. */
async function rememberedBySiblings({ gitFolder }: SlotOwner): Promise<Numbered[]> {
  const common = /^(.*)[\\/]worktrees[\\/][^\\/]+$/.exec(gitFolder)?.[1] ?? gitFolder;
  const names = await readdir(join(common, 'worktrees')).catch(() => []);
  const folders = [common, ...names.map((name) => join(common, 'worktrees', name))];
  const others = folders.filter((other) => other !== gitFolder);
  const found = await Promise.all(others.map(readCopy));
  return found.flatMap((one) => one ?? []);
}

async function firstFree(
  range: PortRange,
  taken: readonly Numbered[],
  isFree: Probe = isPortFree,
): Promise<Numbered | undefined> {
  const numbers = new Set(taken.map(({ slot }) => slot));
  const used = new Set(taken.flatMap(({ ports }) => ports));
  for (let slot = 1; range.base + slot * range.size - 1 <= range.last; slot += 1) {
    if (numbers.has(slot)) continue;
    const ports = portsOf(slot, range);
    if (ports.length === 0 || ports.some((port) => used.has(port))) continue;
    if (await areFree(ports, isFree)) return { slot, ports };
  }
  return undefined;
}

/**
 * The ports of a slot that browsers and the platform leave.
 *
 * @internal Exported for its test, which passes a range.
 */
export function portsOf(slot: number, { base, size, avoid }: PortRange): number[] {
  const first = base + (slot - 1) * size;
  const all = Array.from({ length: size }, (_, at) => first + at);
  return all.filter((port) => !refusedByBrowsers.has(port) && !avoid.includes(port));
}

/** https://fetch.spec.whatwg.org/#port-blocking, those from 1024. */
const refusedByBrowsers = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669],
  // 5000 and 7000 are AirPlay's on macOS.
  ...[6679, 6697, 10080, 5000, 7000],
]);

async function areFree(ports: readonly number[], isFree: Probe): Promise<boolean> {
  for (const port of ports) if (!(await isFree(port))) return false;
  return true;
}

async function write(slot: Slot): Promise<Slot> {
  await writeJson(fileOf(slot.slot), { version: 1, ...slot });
  await remember(slot);
  return slot;
}

/** The worktree's own copy. A repository that cannot be written to does without. */
async function remember({ slot, ports, gitFolder }: Slot): Promise<void> {
  const file = copyIn(gitFolder);
  const text = `${JSON.stringify({ version: 1, slot, ports })}\n`;
  try {
    if ((await readIfPresent(file)) === text) return;
    const { uid, gid } = await stat(gitFolder);
    const created = await mkdir(dirname(file), { recursive: true });
    const owner = process.geteuid?.() === 0 ? { uid, gid } : undefined;
    if (owner && created !== undefined) await chown(created, uid, gid);
    await writeAtomic(file, text, 0o644, owner);
  } catch (error) {
    if (!(error instanceof CoppiceError) && !hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT'))
      throw error;
  }
}

async function readCopy(gitFolder: string): Promise<Numbered | undefined> {
  const text = await readIfPresent(copyIn(gitFolder)).catch(() => undefined);
  if (text === undefined) return undefined;
  const copy = parseWhole(text, { slot: 'number', ports: 'array' }).value as Numbered | undefined;
  return copy && { slot: copy.slot, ports: copy.ports };
}

async function copiedNumber(gitFolder: string): Promise<number | undefined> {
  return (await readCopy(gitFolder))?.slot;
}

/** Addresses that servers listen at: one of the loopback ones, or all of this machine. */
const addresses = ['127.0.0.1', '::1', '0.0.0.0', '::'] as const;

/**
 * Whether a server could listen on a port now, whichever address it chooses.
 *
 * @internal Exported for its test, which listens at one address.
 */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of addresses) if (!(await canListen(port, address))) return false;
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL')));
    server.listen({ port, host, exclusive: true, ipv6Only: host === '::' }, () =>
      server.close(() => resolve(true)),
    );
  });
}

function noPortsError({ base, last }: PortRange, taken: number): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_PORTS',
    `no block of ports from ${base} to ${last} is free: ${taken} worktrees have one, and other programs listen on the rest`,
    {
      hint: 'wt ports shows them, and `wt ports --release` gives one back; `hostPorts` in config.yaml sets more',
    },
  );
}
