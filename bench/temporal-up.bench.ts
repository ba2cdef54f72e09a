import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { edit, eventually, get, kubectl, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';
import { writeRawObjects } from './raw-objects.ts';

const runs = 11;
await wtOk(['cluster', 'start']);

/** The shop without a database; with Temporal, `api` is told of its namespace and has no other use of it. */
function repositoryOf(app: 'plain' | 'jobs'): Repository {
  const repository = new Repository();
  const spec = parseDocument(readFileSync(join(repository.top, 'coppice.yaml'), 'utf8'));
  spec.set('name', app);
  spec.delete('database');
  spec.deleteIn(['services', 'api', 'env', 'DATABASE_URL']);
  if (app === 'jobs') {
    spec.set('temporal', {});
    spec.setIn(['services', 'api', 'env', 'TEMPORAL_ADDRESS'], '${temporal.address}');
    spec.setIn(['services', 'api', 'env', 'TEMPORAL_NAMESPACE'], '${temporal.namespace}');
  }
  repository.write('coppice.yaml', String(spec));
  edit(join(repository.top, 'Pulumi.yaml'), 'name: shop', `name: ${app}`);
  repository.commit('Be another app');
  return repository;
}

const without = repositoryOf('plain');
const withTemporal = repositoryOf('jobs');
await wtOk(['up'], { cwd: without.top });
await wtOk(['up'], { cwd: withTemporal.top });

/** The page of `web` holds what `api` answered. */
const answers = (host: string) =>
  eventually(`${host} answers`, 60, async () => {
    const { status, body } = await get(host);
    return (status === 200 && body.includes('Billhook')) || undefined;
  });

const series: Record<'with' | 'without' | 'floor', number[]> = { with: [], without: [], floor: [] };
for (let index = 0; index < runs; index++) {
  const slug = `bench-${index}`;
  const up = async (repository: Repository, app: string) => {
    const worktree = repository.worktree(slug);
    const milliseconds = await timed(async () => {
      await wtOk(['up'], { cwd: worktree });
      await answers(`${slug}.${app}.localhost`);
    });
    await wtOk(['down'], { cwd: worktree });
    return milliseconds;
  };
  series.without.push(await up(without, 'plain'));
  series.with.push(await up(withTemporal, 'jobs'));

  const file = join(testFolder(), `raw-${index}.json`);
  const namespace = await writeRawObjects(file, { namespace: 'wt-plain--main', slug: 'main' }, slug);
  series.floor.push(
    await timed(async () => {
      await kubectl('apply', '-f', file);
      await answers(`${slug}.plain.localhost`);
    }),
  );
  await kubectl('delete', 'namespace', namespace, '--wait=true');
}
await wtOk(['down'], { cwd: withTemporal.top });
await wtOk(['down'], { cwd: without.top });

const added = median(series.with) - median(series.without);
report({
  name: 'temporal-up',
  method:
    '`wt up` of a new worktree of the shop without a database until its URL answers with what api answered, with `temporal: {}` and the namespace in the variables of api, its server there, against the same without, and against `kubectl apply` of the same objects without; alternating.',
  series: {
    'wt up with Temporal': { unit: 'ms', runs: series.with },
    'wt up without': { unit: 'ms', runs: series.without },
    'kubectl apply without': { unit: 'ms', runs: series.floor },
  },
  reach: [
    {
      what: 'what Temporal adds at the median / kubectl apply',
      value: added / median(series.floor),
      bound: 0.15,
    },
  ],
  details: { addedMilliseconds: added },
});
