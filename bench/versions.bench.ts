import { Repository } from '../test/e2e/harness.ts';
import { median, report } from './measure.ts';
import { type Measured, type Side, versions } from './sides.ts';

const runs = 9;
/** What is measured of each version. */
const figures = ['up', 'unchanged up', 'down', 'help'] as const;
type Figure = (typeof figures)[number];
type Name = 'after' | 'before';

const both = versions();
for (const { wt } of both) {
  await wt('cluster', 'start');
  await wt('platform', 'up', '--with', 'postgres');
}
const repository = new Repository();
const measured = new Map<string, Measured[]>();

for (let run = 0; run <= runs; run++) {
  // The first round builds the template of the database, and the order changes from round to round.
  for (const side of run % 2 === 0 ? both : [...both].reverse()) await round(side, run);
}
for (const { wt } of both) await wt('cluster', 'reset', '--yes');
repository.remove();

async function round({ name, measure }: Side<Name>, run: number): Promise<void> {
  const worktree = repository.worktree(`bench-${name}-${run}`);
  const keep = (figure: Figure, one: Measured) => {
    if (run > 0) measured.set(key(name, figure), [...of(name, figure), one]);
  };
  keep('up', await measure(worktree, 'up', '--json'));
  const again = await measure(worktree, 'up', '--json');
  if (JSON.parse(again.stdout).unchanged !== true) throw new Error(`not the quick answer: ${again.stdout}`);
  keep('unchanged up', again);
  keep('down', await measure(worktree, 'down', '--json'));
  keep('help', await measure(worktree, '--help'));
}

function key(name: Name, figure: Figure): string {
  return `${figure}, ${name}`;
}

function of(name: Name, figure: Figure): readonly Measured[] {
  return measured.get(key(name, figure)) ?? [];
}

const wall = (name: Name, figure: Figure) => of(name, figure).map(({ milliseconds }) => milliseconds);
const cpu = (name: Name, figure: Figure) => of(name, figure).map(({ cpuSeconds }) => cpuSeconds);

report({
  name: 'versions',
  method:
    'Two versions of `wt`, each with an embedded cluster of its own, both running, alternating: `wt up` of a new worktree of the shop with its database, the same again, `wt down`, `wt --help`; wall time and CPU seconds of the whole process and its children.',
  series: Object.fromEntries(
    figures.flatMap((figure) =>
      both.flatMap(({ name }) => [
        [key(name, figure), { unit: 'ms' as const, runs: wall(name, figure) }],
        [`${key(name, figure)}, CPU`, { unit: 's' as const, runs: cpu(name, figure) }],
      ]),
    ),
  ),
  reach: figures.flatMap((figure) => [
    {
      what: `${figure}, after / before`,
      value: median(wall('after', figure)) / median(wall('before', figure)),
      bound: 1.1,
    },
    {
      what: `${figure}, CPU, after / before`,
      value: median(cpu('after', figure)) / median(cpu('before', figure)),
      bound: 1.1,
    },
  ]),
});
