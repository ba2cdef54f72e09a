import { wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';

const runs = 5;
const first: number[] = [];
const again: number[] = [];
for (let index = 0; index < runs; index++) {
  first.push(await timed(() => wtOk(['cluster', 'start'])));
  await wtOk(['cluster', 'stop']);
  again.push(await timed(() => wtOk(['cluster', 'start'])));
  await wtOk(['cluster', 'reset', '--yes']);
}

report({
  name: 'cluster-start',
  method:
    '`wt cluster start` until the node is Ready, programs and image archives in the cache: the first time (certificates, empty database, images imported) and after `wt cluster stop`.',
  series: { 'the first time': { unit: 'ms', runs: first }, 'after a stop': { unit: 'ms', runs: again } },
  reach: [
    { what: 'the first time, milliseconds', value: median(first), bound: 10_000 },
    { what: 'after a stop, milliseconds', value: median(again), bound: 10_000 },
  ],
});
