import { get, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { report } from './measure.ts';
import { processesOf, resident, total } from './resident.ts';

const idleMinutes = 10;

/** Without the application's own part: its node processes. */
const withoutApplication = (sums: Record<string, number>) => total({ ...sums, node: 0 });

await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up']);
await new Promise((resolve) => setTimeout(resolve, idleMinutes * 60_000));
const idle = resident(processesOf(testFolder()));

const repository = new Repository();
const worktrees = Array.from({ length: 5 }, (_, index) => repository.worktree(`bench-${index}`));
for (const worktree of worktrees) await wtOk(['up'], { cwd: worktree });
await get('bench-0.shop.localhost');
const loaded = resident(processesOf(testFolder()));
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
