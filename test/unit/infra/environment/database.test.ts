import { expect, test } from 'vitest';
import { waitsForDatabase } from '../../../../infra/environment/database.ts';
import { planOf } from '../../../golden/plans.ts';

test.each([
  ['the database', '${database.url}', true],
  ['a managed Temporal only', '${temporal.apiKey}', false],
  ['both', '${temporal.apiKey} ${database.url}', true],
  ['neither', '${environment.slug}', false],
])('a service that refers to %s: whether it waits for the database', (_, value, waits) => {
  const plan = planOf(`version: 1
name: shop
services: { api: { image: a/b, env: { A: "${value}" } } }
database: {}
temporal: { server: managed }
`);
  expect(plan.services.map((service) => waitsForDatabase(plan, service))).toEqual([waits]);
});
