import { hostPortRange } from '../../config/settings/host-ports.ts';
import { type Slot, takeSlot } from '../../core/state/slots.ts';
import { identify } from '../../git/identity.ts';
import { gitFolderOf } from '../../git/worktree-file.ts';
import { markTouched } from '../activity/mark-touched.ts';
import type { Ports } from '../ports.ts';

/** The ports of the worktree that a folder is in; it takes some when it has none. Throws what git and the ledger throw. */
export async function ownPorts({ cwd, screen }: Pick<Ports, 'cwd' | 'screen'>): Promise<Slot> {
  const { worktree } = await identify(cwd);
  await markTouched(worktree);
  const gitFolder = (await gitFolderOf(worktree)) ?? worktree;
  return takeSlot({ gitFolder, path: worktree }, { range: hostPortRange, note: (text) => screen.note(text) });
}

/** `PORT`, and `PORT_1` and so on for a second server, a debugger or what else listens. */
export function portVariables({ ports }: Pick<Slot, 'ports'>): Record<string, string> {
  return Object.fromEntries(ports.map((port, at) => [at === 0 ? 'PORT' : `PORT_${at}`, String(port)]));
}
