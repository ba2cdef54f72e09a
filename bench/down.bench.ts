import { join } from 'node:path';
import { eventually, get, kubectl, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';
import { writeRawObjects } from './raw-objects.ts';

const runs = 7;
await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up']);
const repository = new Repository();
await wtOk(['up'], { cwd: repository.top });

const isUp = (host: string) =>
  eventually(`${host} answers`, async () => ((await get(host)).status === 200 ? true : undefined));
const isGone = (namespace: string) =>
  eventually(`${namespace} is gone`, async () => {
    const names = await kubectl('get', 'namespace', namespace, '--ignore-not-found', '-o', 'name');
    return names === '' ? true : undefined;
  });

const nothingAnswers: number[] = [];
const namespaceGone: number[] = [];
const raw: number[] = [];
for (let index = 0; index < runs; index++) {
  const slug = `bench-${index}`;
  const worktree = repository.worktree(slug);
  await wtOk(['up'], { cwd: worktree });
  const began = performance.now();
  await wtOk(['down'], { cwd: worktree });
  const { status } = await get(`${slug}.shop.localhost`);
  if (status !== 404) throw new Error(`${slug} still answers with ${status}`);
  nothingAnswers.push(performance.now() - began);
  await isGone(`wt-shop--${slug}`);
  namespaceGone.push(performance.now() - began);

  const file = join(testFolder(), `raw-${index}.json`);
  const namespace = await writeRawObjects(file, { namespace: 'wt-shop--main', slug: 'main' }, `raw-${index}`);
  await kubectl('apply', '-f', file);
  await isUp(`raw-${index}.shop.localhost`);
  raw.push(await timed(() => kubectl('delete', 'namespace', namespace, '--wait=true')));
}
await wtOk(['down'], { cwd: repository.top });

report({
  name: 'down',
  method:
    '`wt down` until it returns and nothing answers, and until the namespace is gone, against the whole `kubectl delete namespace --wait` of the same objects; alternating.',
  series: {
    'wt down, nothing answers': { unit: 'ms', runs: nothingAnswers },
    'wt down, namespace gone': { unit: 'ms', runs: namespaceGone },
    'kubectl delete namespace': { unit: 'ms', runs: raw },
  },
  reach: [
    {
      what: 'nothing answers / kubectl delete namespace',
      value: median(nothingAnswers) / median(raw),
      bound: 1.5,
    },
    {
      what: 'namespace gone / kubectl delete namespace',
      value: median(namespaceGone) / median(raw),
      bound: 1.5,
    },
  ],
});
