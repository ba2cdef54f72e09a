import { readdirSync, readFileSync } from 'node:fs';

/** PSS in MB of the given processes, summed by program name; a process that has ended counts nothing. */
export function resident(pids: readonly number[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const pid of pids) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      sums[name] = (sums[name] ?? 0) + kilobytes / 1024;
    } catch {
      // It ended between listing and reading.
    }
  }
  return sums;
}

export const total = (sums: Readonly<Record<string, number>>) =>
  Object.values(sums).reduce((sum, value) => sum + value, 0);

/** Every process whose command line names `folder`, and everything below it, except this one. */
export function processesOf(folder: string): number[] {
  const parents = new Map<number, number>();
  const roots = new Set<number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes(`${folder}/`) && pid !== process.pid) roots.add(pid);
    } catch {
      // It ended between listing and reading.
    }
  }
  // The supervisor writes its name over its command line; it is the parent of what it started.
  for (const pid of [...roots]) {
    const parent = parents.get(pid) ?? 0;
    if (parent > 1 && readFileSync(`/proc/${parent}/cmdline`, 'utf8').startsWith('coppice-supervisor'))
      roots.add(parent);
  }
  const isOurs = (pid: number): boolean =>
    roots.has(pid) || (parents.has(pid) && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter((pid) => pid !== process.pid && isOurs(pid));
}
