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
  status('something', 'other-system'),
];
const names = (driver: Parameters<typeof neededPrograms>[1]) =>
  neededPrograms(programs, driver).map(({ name }) => name);

test('programs of the embedded cluster are required only there', () => {
  expect(names('embedded')).toEqual(['kubelet', 'containerd', 'k3d', 'kubectl']);
  expect(names(undefined)).toEqual(names('embedded'));
  for (const driver of ['k3d', 'existing'] as const)
    expect(names(driver)).toEqual(['containerd', 'k3d', 'kubectl']);
});
