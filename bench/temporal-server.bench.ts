import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { kubectl, wtOk } from '../test/e2e/harness.ts';
import { median, report } from './measure.ts';
import { namespacesOf } from './temporal-resource.ts';

const count = 50;
const idleSeconds = 60;
/** Length of each window over which CPU use is measured. */
const windowSeconds = 60;
const windows = 3;

await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up', '--with', 'temporal']);
const { temporal, create } = await namespacesOf('bench');
temporal.close();

/** The server's only process, found by the pod in the name of its control group. */
async function processOfServer(): Promise<number> {
  const selector = ['-l', 'coppice.dev/service=temporal', '-o', 'jsonpath={.items[0].metadata.uid}'];
  const uid = await kubectl('-n', 'coppice', 'get', 'pods', ...selector);
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8').replaceAll('_', '-');
      return group.includes(uid) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'temporal';
    } catch {
      // It ended between listing and reading.
      return false;
    }
  });
  if (!found) throw new Error('the process of the Temporal server is not to be found');
  return Number(found);
}

const pid = await processOfServer();
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function cpuSeconds(): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number) as [number, number];
  return (user + system) / ticksPerSecond;
}

function megabytes(): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]) / 1024;
}

/** MB, and CPU in percent of one core, once per window. */
async function idle() {
  await pause(idleSeconds * 1000);
  const memory: number[] = [];
  const cpu: number[] = [];
  for (let index = 0; index < windows; index++) {
    const [began, before] = [performance.now(), cpuSeconds()];
    await pause(windowSeconds * 1000);
    cpu.push(((cpuSeconds() - before) / ((performance.now() - began) / 1000)) * 100);
    memory.push(megabytes());
  }
  return { memory, cpu };
}

const alone = await idle();
const created = [];
for (let index = 0; index < count; index++) created.push(await create(`idle-${index}`));
const loaded = await idle();
for (const { remove } of created) await remove();
const after = await idle();

const growth = (median(loaded.memory) - median(alone.memory)) / count;
report({
  name: 'temporal-server',
  method: `PSS and CPU (percent of one core) of the platform's Temporal server, idle for ${idleSeconds} s and then over ${windows} windows of ${windowSeconds} s: without a namespace of ours, with ${count} that nobody uses, and after those were deleted.`,
  series: {
    'memory, no namespace': { unit: 'MB', runs: alone.memory },
    [`memory, ${count} namespaces`]: { unit: 'MB', runs: loaded.memory },
    'memory, after their deletion': { unit: 'MB', runs: after.memory },
    'CPU, no namespace': { unit: '%', runs: alone.cpu },
    [`CPU, ${count} namespaces`]: { unit: '%', runs: loaded.cpu },
    'CPU, after their deletion': { unit: '%', runs: after.cpu },
  },
  reach: [],
  details: {
    megabytesEach: growth,
    cpuPercentEach: (median(loaded.cpu) - median(alone.cpu)) / count,
  },
});
