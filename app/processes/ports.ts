import { basename } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { isOneFolder } from '../../core/files.ts';
import { type KnownSlot, releaseSlotNumber, slots } from '../../core/state/slots.ts';
import { identify } from '../../git/identity.ts';
import { findWorktreeOnly, listWorktrees } from '../../git/worktrees.ts';
import type { Ports } from '../ports.ts';
import { type ListenerHere, listenersAt } from './listeners.ts';

/** A slot of the ledger, and what is known about it now. */
export interface WorktreePorts {
  readonly slot: number;
  /** Absolute path of the worktree; absent when the slot's file is damaged. */
  readonly worktree?: string;
  /** The worktree that `wt ports` was called in. */
  readonly here: boolean;
  /** The first is `PORT`. */
  readonly ports: readonly number[];
  /** Git no longer knows the worktree: the next one that needs a slot gets this one. */
  readonly gone: boolean;
  /** Why the slot's file cannot be read. */
  readonly damage?: string;
  readonly listening: readonly ListenerHere[];
}

/** Every slot on this machine, of all repositories. Asks no cluster. */
export async function listPorts({ cwd }: Pick<Ports, 'cwd'>): Promise<WorktreePorts[]> {
  const known = await slots();
  const [here, listeners] = await Promise.all([
    identify(cwd).then(
      ({ worktree }) => worktree,
      () => undefined,
    ),
    listenersAt(known.flatMap(({ ports }) => ports)),
  ]);
  return known.map((slot) => withListeners(slot, here, listeners));
}

function withListeners(
  { slot, owner, ports, gone, damage }: KnownSlot,
  here: string | undefined,
  listeners: readonly ListenerHere[],
): WorktreePorts {
  return {
    slot,
    ...(owner && { worktree: owner.path }),
    here: owner !== undefined && here !== undefined && isOneFolder(owner.path, here),
    ports,
    gone,
    ...(damage !== undefined && { damage }),
    listening: listeners.filter(({ port }) => ports.includes(port)),
  };
}

/**
 * Gives the ports of a worktree back: this one's, or those of a branch, a slug, a path or a slot's number. Refuses while
 * something listens at them, unless forced. Throws COPPICE_NO_WORKTREE, COPPICE_PORT_TAKEN.
 */
export async function releasePorts(
  wanted: string | undefined,
  { force }: { readonly force: boolean },
  ports: Pick<Ports, 'cwd'>,
): Promise<WorktreePorts> {
  const all = await listPorts(ports);
  const found = await chosen(all, wanted, ports.cwd);
  const [first] = found.listening;
  if (first !== undefined && !force)
    throw new CoppiceError('COPPICE_PORT_TAKEN', `${listenerText(first)} listens at port ${first.port}`, {
      hint: 'end it first, or add --force: the next worktree could then get a port that is in use',
      exitCode: 1,
    });
  await releaseSlotNumber(found.slot);
  return found;
}

async function chosen(
  all: readonly WorktreePorts[],
  wanted: string | undefined,
  cwd: string,
): Promise<WorktreePorts> {
  const found = wanted === undefined ? all.find(({ here }) => here) : await named(all, wanted, cwd);
  if (found) return found;
  throw new CoppiceError(
    'COPPICE_NO_WORKTREE',
    wanted === undefined ? 'this worktree has no ports' : `no worktree with ports is called ${wanted}`,
    { hint: 'wt ports' },
  );
}

async function named(
  all: readonly WorktreePorts[],
  wanted: string,
  cwd: string,
): Promise<WorktreePorts | undefined> {
  const worktree = await findWorktreeOnly(await listWorktrees(cwd).catch(() => []), wanted, cwd);
  return (
    all.find(
      (one) =>
        worktree !== undefined && one.worktree !== undefined && isOneFolder(one.worktree, worktree.path),
    ) ?? all.find((one) => one.worktree === wanted || String(one.slot) === wanted)
  );
}

/** For example `node (pid 123)`. */
function listenerText({ pid, command }: ListenerHere): string {
  const program = command === undefined ? 'a program' : basename(command.split(' ')[0] ?? command);
  return pid === undefined ? `${program} of another user` : `${program} (pid ${pid})`;
}
