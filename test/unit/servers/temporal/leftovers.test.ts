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
  going: [{ name: 'wt-shop--old-deleted-abcde', id: 'abcde' }],
};

test('a namespace whose environment is gone is a leftover, and one that Temporal removes already is not', () => {
  const existing = [
    { app: 'shop', environment: 'main' },
    { app: 'blog', environment: 'feat' },
  ];
  expect(findLeftovers(inventory, existing)).toEqual([
    { ...namespace('feat'), why: 'there is no environment shop/feat' },
  ]);
});

test('where no environment exists all of ours are leftovers', () => {
  expect(findLeftovers(inventory, [])).toHaveLength(3);
});

test('where the environments could not be asked for nothing is a leftover', () => {
  expect(findLeftovers(inventory, undefined)).toEqual([]);
});
