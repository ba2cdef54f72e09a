import { expect, test } from 'vitest';
import type { Inventory } from '../../../../servers/temporal/namespaces/inventory.ts';
import { findLeftovers } from '../../../../servers/temporal/namespaces/leftovers.ts';
import { testOwner } from '../../../servers/temporal/harness.ts';

const namespace = (environment: string, app = 'shop') => ({
  name: `wt-${app}--${environment}`,
  id: `id of ${app}/${environment}`,
  mark: { ...testOwner(environment, app), created: '2026-01-01T00:00:00.000Z', attempt: 'a' },
});
const inventory: Inventory = {
  namespaces: [namespace('main'), namespace('feat'), namespace('feat', 'blog')],
  deleting: [{ name: 'wt-shop--old-deleted-abcde', id: 'abcde' }],
};

test('a namespace of a deleted environment is a leftover, but not one that Temporal is already removing', () => {
  const existing = [
    { app: 'shop', environment: 'main' },
    { app: 'blog', environment: 'feat' },
  ];
  expect(findLeftovers(inventory, existing)).toEqual([
    { ...namespace('feat'), why: 'there is no environment shop/feat' },
  ]);
});

test('without any environments all of ours are leftovers', () => {
  expect(findLeftovers(inventory, [])).toHaveLength(3);
});

test('when the environments could not be listed nothing is a leftover', () => {
  expect(findLeftovers(inventory, undefined)).toEqual([]);
});
