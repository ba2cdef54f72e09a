import { join } from 'node:path';
import { eventually, get, kubectl, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';
import { writeRawObjects } from './raw-objects.ts';

const runs = 7;
await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up']);
const repository = new Repository();
await wtOk(['up'], { cwd: repository.top });

/** The page of `web` contains `api`'s answer. */
const answers = (host: string) =>
  eventually(`${host} answers`, async () => {
    const { status, body } = await get(host);
    return (status === 200 && body.includes(product)) || undefined;
  });
const product = JSON.parse((await get('main.shop.localhost', '/api/products')).body).products[0]
  .name as string;

const up: number[] = [];
const raw: number[] = [];
const phases: unknown[] = [];
for (let index = 0; index < runs; index++) {
  const worktree = repository.worktree(`bench-${index}`);
  up.push(
    await timed(async () => {
      const { stdout } = await wtOk(['up', '--json'], { cwd: worktree });
      phases.push(JSON.parse(stdout).timings);
      await answers(`bench-${index}.shop.localhost`);
    }),
  );
  await wtOk(['down'], { cwd: worktree });

  const file = join(testFolder(), `raw-${index}.json`);
  const namespace = await writeRawObjects(file, { namespace: 'wt-shop--main', slug: 'main' }, `raw-${index}`);
  raw.push(
    await timed(async () => {
      await kubectl('apply', '-f', file);
      await answers(`raw-${index}.shop.localhost`);
    }),
  );
  await kubectl('delete', 'namespace', namespace, '--wait=true');
}
await wtOk(['down'], { cwd: repository.top });

report({
  name: 'up',
  method:
    '`wt up` of a new worktree until its URL answers with what api answered, platform up and images there, against `kubectl apply` of the same objects until the same answer; alternating.',
  series: { 'wt up': { unit: 'ms', runs: up }, 'kubectl apply': { unit: 'ms', runs: raw } },
  reach: [{ what: 'wt up / kubectl apply', value: median(up) / median(raw), bound: 3 }],
  details: { phases },
});
