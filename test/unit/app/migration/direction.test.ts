import { expect, test } from 'vitest';
import { directionOf } from '../../../../app/migration/direction.ts';

const journal = (phase: 'dumping' | 'switching' | 'filling' | 'raising') => ({
  ...({ from: 'embedded', to: 'k3d' } as const),
  phase,
});
const old = { driver: 'embedded' } as const;
const fresh = { driver: 'k3d' } as const;

test('without an interrupted migration the only choice is a new one', () => {
  expect(directionOf('k3d', undefined, old)).toBe('new');
});

test('dumps of a cluster that is still in use are taken again', () => {
  expect(directionOf('k3d', journal('dumping'), old)).toBe('new');
  expect(directionOf('k3d', journal('switching'), old)).toBe('new');
});

test('once the old cluster is no longer in use, the same command continues', () => {
  // Killed before the new cluster had a record.
  expect(directionOf('k3d', journal('switching'), undefined)).toBe('continue');
  expect(directionOf('k3d', journal('filling'), fresh)).toBe('continue');
  expect(directionOf('k3d', journal('raising'), fresh)).toBe('continue');
});

test('the old driver returns, as long as a database is missing on the new one', () => {
  expect(directionOf('embedded', journal('dumping'), old)).toBe('back');
  expect(directionOf('embedded', journal('filling'), fresh)).toBe('back');
  // Work done there since would be left behind.
  expect(directionOf('embedded', journal('raising'), fresh)).toBe('new');
});
