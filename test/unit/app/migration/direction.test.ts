import { expect, test } from 'vitest';
import { wayOf } from '../../../../app/migration/direction.ts';

const journal = (phase: 'dumping' | 'switching' | 'filling' | 'raising') => ({
  ...({ from: 'embedded', to: 'k3d' } as const),
  phase,
});
const old = { driver: 'embedded' } as const;
const fresh = { driver: 'k3d' } as const;

test('without a migration that was cut short there is only a new one', () => {
  expect(wayOf('k3d', undefined, old)).toBe('anew');
});

test('dumps of a cluster that is still in use are made anew', () => {
  expect(wayOf('k3d', journal('dumping'), old)).toBe('anew');
  expect(wayOf('k3d', journal('switching'), old)).toBe('anew');
});

test('once the old cluster is not in use any more, the same command goes on', () => {
  // Killed before the new cluster had a record.
  expect(wayOf('k3d', journal('switching'), undefined)).toBe('on');
  expect(wayOf('k3d', journal('filling'), fresh)).toBe('on');
  expect(wayOf('k3d', journal('raising'), fresh)).toBe('on');
});

test('the old driver goes back, as long as a database is missing on the new one', () => {
  expect(wayOf('embedded', journal('dumping'), old)).toBe('back');
  expect(wayOf('embedded', journal('filling'), fresh)).toBe('back');
  // What people did there since would stay behind.
  expect(wayOf('embedded', journal('raising'), fresh)).toBe('anew');
});
