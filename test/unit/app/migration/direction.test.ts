import { expect, test } from 'vitest';
import { wayOf } from '../../../../app/migration/direction.ts';

const journal = (phase: 'dumping' | 'switching' | 'filling' | 'raising') => ({
  ...({ from: 'embedded', to: 'k3d' } as const),
  phase,
});
const old = { driver: 'embedded' } as const;
const fresh = { driver: 'k3d' } as const;

test('without an interrupted migration the only choice is a new one', () => {
  expect(wayOf('k3d', undefined, old)).toBe('anew');
});

test('dumps of a cluster that is still in use are taken again', () => {
  expect(wayOf('k3d', journal('dumping'), old)).toBe('anew');
  expect(wayOf('k3d', journal('switching'), old)).toBe('anew');
});

test('once the old cluster is no longer in use, the same command continues', () => {
  // Killed before the new cluster had a record.
  expect(wayOf('k3d', journal('switching'), undefined)).toBe('on');
  expect(wayOf('k3d', journal('filling'), fresh)).toBe('on');
  expect(wayOf('k3d', journal('raising'), fresh)).toBe('on');
});

test('the old driver returns, as long as a database is missing on the new one', () => {
  expect(wayOf('embedded', journal('dumping'), old)).toBe('back');
  expect(wayOf('embedded', journal('filling'), fresh)).toBe('back');
  // Work done there since would be left behind.
  expect(wayOf('embedded', journal('raising'), fresh)).toBe('anew');
});
