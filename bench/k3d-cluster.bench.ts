import { prepareWt } from '../test/k3d/harness.ts';
import { median, report, timed } from './measure.ts';
import { processesOf, resident, total } from './resident.ts';
import { type Side, sides } from './sides.ts';

const runs = 3;
const idleMinutes = 2;
const verbs = ['start', 'start after stop', 'stop', 'reset'] as const;

await prepareWt();
const both = sides();
const times = new Map(both.map(({ name }) => [name, verbs.map(() => [] as number[])]));

/** One life of a cluster: start, stop, start again, reset. */
async function live({ name, wt }: Side): Promise<void> {
  const [first, again, stop, reset] = times.get(name) ?? [];
  first?.push(await timed(() => wt('cluster', 'start')));
  stop?.push(await timed(() => wt('cluster', 'stop')));
  again?.push(await timed(() => wt('cluster', 'start')));
  reset?.push(await timed(() => wt('cluster', 'reset', '--yes')));
}

for (let run = 0; run < runs; run++) for (const side of both) await live(side);

const idle: Record<string, Record<string, number>> = {};
for (const side of both) {
  await side.wt('cluster', 'start');
  await side.wt('platform', 'up');
  await new Promise((resolve) => setTimeout(resolve, idleMinutes * 60_000));
  idle[side.name] = resident(processesOf(side.folder));
  await side.wt('cluster', 'reset', '--yes');
}

const of = (name: Side['name'], verb: (typeof verbs)[number]) => times.get(name)?.[verbs.indexOf(verb)] ?? [];
report({
  name: 'k3d-cluster',
  method: `\`wt cluster start\` (programs, image archives and the image of the nodes there), \`stop\`, \`start\` again and \`reset\`, alternating with the embedded cluster; then the memory (PSS) of each with the platform after ${idleMinutes} idle minutes, Docker's own processes included. The node is a stand-in: upstream Kubernetes and not k3s, whose one process takes other time and memory; without k3d's load balancer.`,
  series: {
    ...Object.fromEntries(
      both.flatMap(({ name }) =>
        verbs.map((verb) => [`${name}: ${verb}`, { unit: 'ms' as const, runs: of(name, verb) }]),
      ),
    ),
    ...Object.fromEntries(
      both.map(({ name }) => [`${name}: memory`, { unit: 'MB' as const, runs: [total(idle[name] ?? {})] }]),
    ),
  },
  reach: [],
  details: {
    idle,
    ratios: Object.fromEntries(
      verbs.map((verb) => [verb, median(of('k3d', verb)) / median(of('embedded', verb))]),
    ),
  },
});
