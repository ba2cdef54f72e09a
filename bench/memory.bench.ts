import { readdirSync, readFileSync } from 'node:fs';
import { get, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { report } from './measure.ts';

const idleMinutes = 10;

/** PSS in MB of every process of this run's cluster, summed by program name. */
function resident(): Record<string, number> {
  const own = processesOfThisRun();
  const sums: Record<string, number> = {};
  for (const pid of own) {
    try {
      const kilobytes = Number(
        /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0,
      );
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      sums[name] = (sums[name] ?? 0) + kilobytes / 1024;
    } catch {
      // Ended between the listing and the reading.
    }
  }
  return sums;
}

/** A process whose command line names this run's folder, and everything below it. */
function processesOfThisRun(): number[] {
  const parents = new Map<number, number>();
  const roots = new Set<number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes(testFolder()) && pid !== process.pid) roots.add(pid);
    } catch {
      // Ended between the listing and the reading.
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

const total = (sums: Record<string, number>) => Object.values(sums).reduce((sum, value) => sum + value, 0);
/** Without what an application brings itself: its node processes. */
const withoutApplication = (sums: Record<string, number>) => total({ ...sums, node: 0 });

await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up']);
await new Promise((resolve) => setTimeout(resolve, idleMinutes * 60_000));
const idle = resident();

const repository = new Repository();
const worktrees = Array.from({ length: 5 }, (_, index) => repository.worktree(`bench-${index}`));
for (const worktree of worktrees) await wtOk(['up'], { cwd: worktree });
await get('bench-0.shop.localhost');
const loaded = resident();
const podsPerEnvironment = 2;
const perPod =
  ((loaded['containerd-shim'] ?? 0) +
    (loaded.pause ?? 0) -
    (idle['containerd-shim'] ?? 0) -
    (idle.pause ?? 0)) /
  (worktrees.length * podsPerEnvironment);
for (const worktree of worktrees) await wtOk(['down'], { cwd: worktree });

report({
  name: 'memory',
  method: `PSS of every process of Kubernetes and the platform after ${idleMinutes} idle minutes; then five environments of two pods each, and what a pod adds beyond the application's own processes (shim and pause).`,
  series: {
    'Kubernetes and platform, idle': { unit: 'MB', runs: [total(idle)] },
    'per pod beyond the application': { unit: 'MB', runs: [perPod] },
    'growth of everything but node processes, per pod': {
      unit: 'MB',
      runs: [
        (withoutApplication(loaded) - withoutApplication(idle)) / (worktrees.length * podsPerEnvironment),
      ],
    },
  },
  reach: [
    { what: 'Kubernetes and platform, MB', value: total(idle), bound: 1024 },
    { what: 'per pod, MB', value: perPod, bound: 20 },
  ],
  details: { idle, loaded },
});
