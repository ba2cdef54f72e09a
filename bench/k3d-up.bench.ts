import { join } from 'node:path';
import { eventually, get, Repository, wtOk } from '../test/e2e/harness.ts';
import { prepareWt } from '../test/k3d/harness.ts';
import { median, report, timed } from './measure.ts';
import { type Side, sides } from './sides.ts';

const runs = 9;

interface Up {
  readonly milliseconds: number;
  readonly timings: readonly { readonly phase: string; readonly milliseconds: number }[];
}

const [, , worktree] = process.argv;
if (worktree === undefined) await compare();
else console.log(JSON.stringify(await once(worktree)));

/** In one cluster's surroundings: `wt up` until the URL answers with api's answer. */
async function once(cwd: string): Promise<Up> {
  let timings: Up['timings'] = [];
  const host = `${cwd.split('/').at(-1)}.shop.localhost`;
  const milliseconds = await timed(async () => {
    ({ timings } = JSON.parse((await wtOk(['up', '--json'], { cwd })).stdout));
    await eventually(`${host} answers`, async () => {
      const { status, body } = await get(host);
      return (status === 200 && body.includes('Billhook')) || undefined;
    });
  });
  await wtOk(['down'], { cwd });
  return { milliseconds, timings };
}

async function compare(): Promise<void> {
  await prepareWt();
  const both = sides();
  for (const { wt } of both) await wt('platform', 'up');
  const repository = new Repository();
  const ups = new Map<Side['name'], Up[]>(both.map(({ name }) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const { name, node } of both) {
      const up = JSON.parse(
        await node(
          join(import.meta.dirname, 'k3d-up.bench.mjs'),
          repository.worktree(`bench-${name}-${run}`),
        ),
      );
      // The first one builds the template of the database.
      if (run > 0) ups.get(name)?.push(up);
    }
  }
  for (const { wt } of both) await wt('cluster', 'reset', '--yes');
  repository.remove();

  const timesOf = (name: Side['name']) => (ups.get(name) ?? []).map(({ milliseconds }) => milliseconds);
  const phasesOf = (name: Side['name']) => {
    const all = (ups.get(name) ?? []).flatMap(({ timings }) => timings);
    const names = [...new Set(all.map(({ phase }) => phase))];
    const of = (name: string) => all.filter(({ phase }) => phase === name);
    return Object.fromEntries(
      names.map((name) => [name, median(of(name).map(({ milliseconds }) => milliseconds))]),
    );
  };
  report({
    name: 'k3d-up',
    method:
      '`wt up` of a new worktree of the shop with its database, until its URL answers with what api answered: in k3d and in the embedded cluster, alternating, both running, each in a network of its own. The node of k3d is a stand-in: upstream Kubernetes in a container, not k3s.',
    series: {
      'in k3d': { unit: 'ms', runs: timesOf('k3d') },
      embedded: { unit: 'ms', runs: timesOf('embedded') },
    },
    reach: [],
    details: {
      ratio: median(timesOf('k3d')) / median(timesOf('embedded')),
      phases: { k3d: phasesOf('k3d'), embedded: phasesOf('embedded') },
    },
  });
}
