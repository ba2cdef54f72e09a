import type { WorktreePorts } from '../../app/processes/ports.ts';
import { CoppiceError } from '../../core/errors.ts';
import { isWithin } from '../../core/within.ts';
import { flag, type Result, verb } from '../define.ts';
import { table } from '../ui/table.ts';

export const ports = verb({
  usage: 'ports [worktree]',
  summary: 'show which worktree has which ports, and what listens there',
  about:
    'Lists the ports that `wt run` gives to worktrees of all repositories on this machine: the first is PORT. A worktree keeps its ports until it is deleted, also when it is moved or its branch is renamed. With --release it gives those of this worktree back, or of one that a branch, a slug, a path or a number of the list names. Changes nothing else, and asks no cluster.',
  examples: [
    ['wt ports', 'the whole list'],
    ['wt ports --release', 'this worktree needs none any more'],
    ['wt ports 7 --release', 'slot 7 of the list, such as one whose worktree is gone'],
  ],
  options: {
    release: flag('give the ports back'),
    force: flag('with --release: even while something listens at them'),
  },
  run: async ([wanted], { release, force }, verbPorts) => {
    const { listPorts, releasePorts } = await import('../../app/processes/ports.ts');
    if (!release) return listed(await listPorts(verbPorts), wanted);
    const released = await releasePorts(wanted, { force }, verbPorts);
    const whose = released.worktree ?? `slot ${released.slot}`;
    return { text: `${rangeOf(released)} of ${whose} are free again`, json: { released } };
  },
});

/** @internal Its test needs no ledger. */
export function listed(all: readonly WorktreePorts[], wanted?: string): Result {
  if (wanted !== undefined)
    throw new CoppiceError('COPPICE_USAGE', '`wt ports` lists every worktree', {
      hint: `wt ports ${wanted} --release gives those of one back`,
    });
  const rows = all.map((one) => [String(one.slot), rangeOf(one), ownerOf(one), stateOf(one)]);
  const text =
    rows.length === 0
      ? 'no worktree has ports yet: `wt run` gives it some'
      : table([['slot', 'ports', 'worktree', 'listening'], ...rows]);
  return { text, json: { slots: all } };
}

function rangeOf({ ports }: WorktreePorts): string {
  return ports.length === 0 ? '?' : `${ports[0]}-${ports.at(-1)}`;
}

function ownerOf({ worktree, here }: WorktreePorts): string {
  if (worktree === undefined) return '?';
  return here ? `${worktree} (this one)` : worktree;
}

function stateOf({ slot, damage, gone, listening, worktree }: WorktreePorts): string {
  if (damage !== undefined)
    return `its file is damaged: ${damage}. Nobody else gets them; its worktree's next \`wt run\` writes it again, \`wt ports ${slot} --release\` removes it`;
  const there = listening.map(({ port, pid, command, folder }) => {
    const program = command === undefined ? '' : ` ${(command.split(' ')[0] ?? '').split('/').at(-1)}`;
    const who = pid === undefined ? `${program || ' a program of another user'}` : `${program} (pid ${pid})`;
    const elsewhere = folder !== undefined && worktree !== undefined && !isWithin(folder, worktree);
    return `${port}${who}${elsewhere ? ` in ${folder}` : ''}`;
  });
  const state = gone ? ['worktree is gone: the next one that needs ports gets these'] : [];
  return [...there, ...state].join(', ') || 'nothing';
}
