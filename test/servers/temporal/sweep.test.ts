import { afterEach, expect } from 'vitest';
import { knownTo } from '../../../app/platform/part-context.ts';
import type { ExistingEnvironment } from '../../../core/owner.ts';
import { keptText, resolvedText } from '../../../core/text/sweep.ts';
import type { KnownEnvironments } from '../../../platform/context.ts';
import { sweep } from '../../../platform/temporal/sweep.ts';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { inventory } from '../../../servers/temporal/namespaces/inventory.ts';
import { signal, temporal, test } from './fixture.ts';
import { testRequest, watched } from './harness.ts';

afterEach(async () => {
  for (const { name, id, mark } of (await inventory(temporal)).namespaces)
    await deleteNamespace(temporal, { name, id, owner: mark });
});

const make = async (environment: string) =>
  (await ensureNamespace(temporal, testRequest(environment), signal)).id;
const names = async () => (await inventory(temporal)).namespaces.map(({ name }) => name);

/** Witnesses of the environments that exist at the time of the query, from their Kubernetes namespaces. */
const witnesses = (
  existing: () => readonly ExistingEnvironment[] | Promise<readonly ExistingEnvironment[]>,
): KnownEnvironments =>
  knownTo({
    stacks: async () => [],
    worktrees: async () => [],
    namespaces: async () => existing(),
  });

test('a sweep removes the namespaces of deleted environments, and no others', async () => {
  for (const name of ['gone-1', 'gone-2', 'there']) await make(name);
  const { done, kept } = await sweep(
    temporal,
    witnesses(() => [{ app: 'shop', environment: 'there' }]),
  );
  expect(done.map(resolvedText)).toEqual([
    'removed Temporal namespace wt-shop--gone-1: there is no environment shop/gone-1',
    'removed Temporal namespace wt-shop--gone-2: there is no environment shop/gone-2',
  ]);
  expect(kept).toEqual([]);
  expect(await names()).toEqual(['wt-shop--there']);
});

test('an environment that is created while another is swept keeps its namespace', async () => {
  for (const name of ['first', 'second']) await make(name);
  const existing: ExistingEnvironment[] = [];
  const observed = watched(temporal, (method) => {
    if (method === 'deleteNamespace') existing.push({ app: 'shop', environment: 'second' });
  });
  const { done } = await sweep(
    observed,
    witnesses(() => existing),
  );
  expect(done).toMatchObject([{ name: 'wt-shop--first' }]);
  expect(await names()).toEqual(['wt-shop--second']);
});

test('a namespace that was recreated after the inventory stays', async () => {
  const before = await make('again');
  let asked = 0;
  const { done } = await sweep(
    temporal,
    witnesses(async () => {
      asked += 1;
      if (asked === 2) {
        await deleteNamespace(temporal, testRequest('again'));
        await make('again');
      }
      return [];
    }),
  );
  expect(done).toEqual([]);
  const { namespaces } = await inventory(temporal);
  expect(namespaces.map(({ name }) => name)).toEqual(['wt-shop--again']);
  expect(namespaces[0]?.id).not.toBe(before);
});

test('nothing is removed once the environments can no longer be listed', async () => {
  await make('unsure');
  let asked = 0;
  const { done } = await sweep(
    temporal,
    witnesses(() => {
      asked += 1;
      if (asked > 1) throw new Error('no cluster');
      return [];
    }),
  );
  expect(done).toEqual([]);
  expect(await names()).toEqual(['wt-shop--unsure']);
});

test('one that cannot be removed stays with its reason, and the others are removed', async () => {
  for (const name of ['first', 'second']) await make(name);
  let refused = false;
  const observed = watched(temporal, (method) => {
    if (method !== 'deleteNamespace' || refused) return;
    refused = true;
    throw new Error('not now');
  });
  const { done, kept } = await sweep(
    observed,
    witnesses(() => []),
  );
  expect(done).toMatchObject([{ name: 'wt-shop--second' }]);
  expect(kept.map(keptText)).toEqual([
    'Temporal namespace wt-shop--first: there is no environment shop/first; stays: not now',
  ]);
  expect(await names()).toEqual(['wt-shop--first']);
});
