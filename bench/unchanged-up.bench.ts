import { get, Repository, run, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';

const runs = 21;
await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up']);
const repository = new Repository();
await wtOk(['up'], { cwd: repository.top });

const unchanged: number[] = [];
const node: number[] = [];
const requests: number[] = [];
for (let index = 0; index < runs; index++) {
  let stdout = '';
  unchanged.push(
    await timed(async () => {
      ({ stdout } = await wtOk(['up', '--json'], { cwd: repository.top }));
    }),
  );
  if (JSON.parse(stdout).unchanged !== true) throw new Error(`not the quick answer: ${stdout}`);
  node.push(await timed(() => run(process.execPath, ['-e', '0'])));
  requests.push(await timed(() => get('main.shop.localhost')));
}
await wtOk(['down'], { cwd: repository.top });

report({
  name: 'unchanged-up',
  method:
    'A whole `wt up --json` process on an environment that is up: content compared, every route asked, every pod looked at, engine not started. `node -e 0` and one request through the route are timed beside it.',
  series: {
    'wt up, unchanged': { unit: 'ms', runs: unchanged },
    'node -e 0': { unit: 'ms', runs: node },
    'one request': { unit: 'ms', runs: requests },
  },
  reach: [{ what: 'median, milliseconds', value: median(unchanged), bound: 400 }],
});
