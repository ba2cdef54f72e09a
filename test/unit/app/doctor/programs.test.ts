import { expect, test } from 'vitest';
import { neededPrograms } from '../../../../app/doctor/checks.ts';
import type { ProgramStatus } from '../../../../toolchain/toolchain.ts';

const status = (name: string, state: ProgramStatus['state']): ProgramStatus => ({
  name,
  state,
  purpose: '',
  version: '1',
  source: 'none',
  detail: '',
  passedOver: [],
});
const programs = [
  status('kubelet', 'missing'),
  status('containerd', 'ready'),
  status('k3d', 'missing'),
  status('kubectl', 'missing'),
  status('pulumi', 'missing'),
  status('something', 'other-system'),
];
const names = (driver: Parameters<typeof neededPrograms>[1]) =>
  neededPrograms(programs, driver).map(({ name }) => name);

test('a program that is missing counts only where the driver needs it', () => {
  expect(names('embedded')).toEqual(['kubelet', 'containerd', 'pulumi']);
  expect(names(undefined)).toEqual(names('embedded'));
  expect(names('k3d')).toEqual(['containerd', 'k3d', 'pulumi']);
  expect(names('existing')).toEqual(['containerd', 'pulumi']);
});

test('a program that is there is shown, whatever needs it', () => {
  const all = ['k3d', 'kubectl', 'mkfs.xfs', 'sqlite3'].map((name) => status(name, 'ready'));
  expect(neededPrograms(all, 'existing')).toEqual(all);
});
