import { expect, test } from 'vitest';
import {
  movableFrom,
  movableTo,
  portsOf,
  refuseOtherDriver,
  refuseUnseen,
  refuseUsedTarget,
} from '../../../../app/migration/obstacles.ts';
import { settingsSchema } from '../../../../config/settings/settings.ts';
import type { ClusterRecord } from '../../../../core/state/cluster-record.ts';

const record: ClusterRecord = {
  driver: 'embedded',
  kubeconfig: '/k',
  context: 'coppice',
  uid: 'u',
  ingress: 'host-loopback',
  http: { port: 80 },
  postgres: { port: 15432 },
  images: {},
};

test('environments move to embedded and k3d, and to nothing else', () => {
  expect(movableTo('k3d')).toBe('k3d');
  for (const wrong of [undefined, 'existing', 'kind'])
    expect(() => movableTo(wrong)).toThrow(expect.objectContaining({ code: 'COPPICE_USAGE', exitCode: 2 }));
});

test('they leave a cluster that runs and is ours', () => {
  expect(movableFrom(record, 'k3d')).toBe('embedded');
  expect(() => movableFrom(undefined, 'k3d')).toThrow(
    expect.objectContaining({ code: 'COPPICE_NO_CLUSTER' }),
  );
  expect(() => movableFrom({ ...record, driver: 'existing' }, 'k3d')).toThrow(
    expect.objectContaining({ code: 'COPPICE_NOT_OURS' }),
  );
});

test('settings with which the next command would choose another cluster are refused', () => {
  const refuse = (settings: object) => () => refuseOtherDriver(settingsSchema.parse(settings), 'k3d');
  const refused = expect.objectContaining({ code: 'COPPICE_DRIVER_SET' });
  expect(refuse({ driver: 'embedded' })).toThrow(refused);
  expect(refuse({ existing: { context: 'staging' } })).toThrow(refused);
  expect(refuse({})).not.toThrow();
  expect(refuse({ driver: 'k3d', existing: { context: 'staging' } })).not.toThrow();
});

test('a cluster with its own environments is no target, one with only a platform is', () => {
  const stack = (type: string, outputs = {}) => ({
    project: 'p',
    stack: 's',
    state: { resources: [{ urn: 'u', type, outputs }], pending: [] },
  });
  const aside = (...stacks: ReturnType<typeof stack>[]) => ({ record: undefined, stacks });
  expect(() => refuseUsedTarget(undefined, 'k3d')).not.toThrow();
  expect(() => refuseUsedTarget(aside(stack('coppice:index:Platform')), 'k3d')).not.toThrow();
  const environment = stack('coppice:index:Environment', { app: 'shop', slug: 'main' });
  expect(() => refuseUsedTarget(aside(environment), 'k3d')).toThrow(/shop\/main/);
});

test('worktrees that the nodes would not see are named', () => {
  const environment = {
    app: 'shop',
    slug: 'main',
    namespace: 'n',
    branch: 'main',
    specFolder: '/home/me/shop',
    stopped: false,
    managed: false,
  };
  expect(() => refuseUnseen([environment], ['/srv', '/home/me'])).not.toThrow();
  expect(() => refuseUnseen([environment], ['/home/me/shop2'])).toThrow(/shop\/main in \/home\/me\/shop/);
  const { specFolder: _, ...gone } = environment;
  expect(() => refuseUnseen([gone], ['/srv'])).not.toThrow();
});

test('ports of the old cluster are free once it is stopped', () => {
  expect(portsOf(record)).toEqual([80, 15432]);
});
