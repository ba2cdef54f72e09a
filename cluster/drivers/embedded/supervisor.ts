// Our only long-lived process: keeps the cluster's processes running. Bundled to dist/supervisor/main.js and started
// detached by `wt cluster start` with the path of its plan; SIGTERM stops the cluster in order.
import { enterCgroup } from './cgroups.ts';
import { cleanUp } from './cleanup.ts';
import { Supervision } from './supervision.ts';
import { readPlan } from './supervisor-state.ts';

const plan = readPlan(process.argv[2] ?? '');
if (plan === undefined) {
  console.error(`there is no whole plan at ${process.argv[2]}; wt cluster start writes it again`);
  process.exit(2);
}
process.title = 'coppice-supervisor';
enterCgroup(plan.layout);
const supervision = new Supervision(plan);
supervision.begin();

let stopping = false;
async function stop(): Promise<void> {
  if (stopping || plan === undefined) return;
  stopping = true;
  supervision.end();
  const problems = await cleanUp(plan.layout);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// Closing the terminal that started the cluster must not end it.
process.on('SIGHUP', () => {});
