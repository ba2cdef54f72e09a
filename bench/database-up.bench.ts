import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { edit, eventually, get, kubectl, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';
import { writeRawObjects } from './raw-objects.ts';

const runs = 9;
await wtOk(['cluster', 'start']);
const withDatabase = new Repository();
/** The same app, and nothing in its spec that speaks of a database. */
const spec = parseDocument(readFileSync(join(withDatabase.top, 'coppice.yaml'), 'utf8'));
spec.set('name', 'plain');
spec.delete('database');
spec.deleteIn(['services', 'api', 'env', 'DATABASE_URL']);
const withoutDatabase = new Repository({ spec: String(spec) });
edit(join(withoutDatabase.top, 'Pulumi.yaml'), 'name: shop', 'name: plain');
withoutDatabase.commit('Do without a database');
await wtOk(['up'], { cwd: withDatabase.top });
await wtOk(['up'], { cwd: withoutDatabase.top });

/** The page of `web` holds what `api` answered. */
const answers = (host: string) =>
  eventually(`${host} answers`, 60, async () => {
    const { status, body } = await get(host);
    return (status === 200 && body.includes('Billhook')) || undefined;
  });

const series: Record<'with' | 'without' | 'floor', number[]> = { with: [], without: [], floor: [] };
const clones: unknown[] = [];

/** How an environment's database was made. */
async function cloneOf(slug: string) {
  const { environments } = JSON.parse((await wtOk(['db', 'list', '--json'])).stdout);
  const { strategy, milliseconds, bytes } = environments.find(
    ({ app, environment }: { app: string; environment: string }) => app === 'shop' && environment === slug,
  );
  return { strategy, milliseconds, bytes };
}

for (let index = 0; index < runs; index++) {
  const slug = `bench-${index}`;
  const up = async (repository: Repository, app: string) => {
    const worktree = repository.worktree(slug);
    const milliseconds = await timed(async () => {
      await wtOk(['up'], { cwd: worktree });
      await answers(`${slug}.${app}.localhost`);
    });
    if (app === 'shop') clones.push(await cloneOf(slug));
    await wtOk(['down'], { cwd: worktree });
    return milliseconds;
  };
  series.without.push(await up(withoutDatabase, 'plain'));
  series.with.push(await up(withDatabase, 'shop'));

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
await wtOk(['down'], { cwd: withDatabase.top });
await wtOk(['down'], { cwd: withoutDatabase.top });

const added = median(series.with) - median(series.without);
report({
  name: 'database-up',
  method:
    '`wt up` of a new worktree of the shop until its URL answers with what api read, its template there, against the same shop without a database, and against `kubectl apply` of the same objects without a database; alternating.',
  series: {
    'wt up with a database': { unit: 'ms', runs: series.with },
    'wt up without': { unit: 'ms', runs: series.without },
    'kubectl apply without': { unit: 'ms', runs: series.floor },
  },
  reach: [
    {
      what: 'what a database adds at the median / kubectl apply',
      value: added / median(series.floor),
      bound: 0.3,
    },
  ],
  details: { addedMilliseconds: added, clones },
});
