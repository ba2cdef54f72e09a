import { wtOk } from '../test/e2e/harness.ts';
import { report } from './measure.ts';
import { measureUps, shopNamed, withoutDatabase } from './up-with.ts';

await wtOk(['cluster', 'start']);
const plain = shopNamed('plain', withoutDatabase);
const app = shopNamed('stored', () => {});
const clones: unknown[] = [];

/** Records how an environment's database was created. */
async function inspect(slug: string): Promise<void> {
  const { environments } = JSON.parse((await wtOk(['db', 'list', '--json'])).stdout);
  const { strategy, milliseconds, bytes } = environments.find(
    ({ app, environment }: { app: string; environment: string }) => app === 'stored' && environment === slug,
  );
  clones.push({ strategy, milliseconds, bytes });
}

const { series, reach, added } = await measureUps({
  what: 'a database',
  runs: 9,
  app,
  plain,
  bound: 0.3,
  inspect,
});
report({
  name: 'database-up',
  method:
    '`wt up` of a new worktree of the shop until its URL answers with what api read, its template there, against the same shop without a database, and against `kubectl apply` of the same objects without a database; alternating.',
  series,
  reach,
  details: { addedMilliseconds: added, clones },
});
