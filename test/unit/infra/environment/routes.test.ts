import { describe, expect, test } from 'vitest';
import { hashOf } from '../../../../core/hash.ts';
import { expectations } from '../../../../infra/environment/expectations.ts';
import { limitRangeSpec, quotaSpec } from '../../../../infra/environment/limits.ts';
import { podSpec } from '../../../../infra/environment/pod.ts';
import { type HostPlan, hostsOf } from '../../../../infra/environment/routes.ts';
import { planOf, shop } from '../../../golden/plans.ts';

const plan = planOf(shop);
const route = (path: string, service: string) => ({ host: 'h', path, service, url: '' });

test('all paths of a host are in one route, the longest first, named after the service at /', () => {
  const hosts = hostsOf([route('/', 'web'), route('/api', 'api'), route('/api/v2', 'next')]);
  expect(hosts).toHaveLength(1);
  expect(hosts[0]?.name).toBe('web');
  expect(hosts[0]?.rules).toEqual([
    { service: 'next', paths: ['/api/v2'] },
    { service: 'api', paths: ['/api'] },
    { service: 'web', paths: ['/'] },
  ]);
});

test('a host where nothing answers at / is named after no service and not after itself', () => {
  expect(hostsOf([route('/api', 'api')]).map(({ name }) => name)).toEqual(['primary--host']);
});

describe('a host with more paths than an HTTPRoute holds', () => {
  const paths = (service: string, count: number) =>
    Array.from({ length: count }, (_, index) => route(`/${service}/${index}`, service));
  const shape = (hosts: readonly HostPlan[]) =>
    hosts.map(({ name, rules }) => [name, rules.map(({ service, paths }) => `${service} ${paths.length}`)]);

  test('has up to 64 paths in one rule', () => {
    expect(shape(hostsOf([route('/', 'web'), ...paths('api', 70)]))).toEqual([
      ['web', ['api 64', 'api 6', 'web 1']],
    ]);
  });

  test('has several HTTPRoutes from the 129th path on', () => {
    expect(shape(hostsOf([route('/', 'web'), ...paths('api', 128)]))).toEqual([
      ['web', ['api 64', 'api 64']],
      ['web--2', ['web 1']],
    ]);
  });

  test('has several HTTPRoutes from the 17th service on', () => {
    const many = Array.from({ length: 16 }, (_, index) => route(`/s${index + 10}`, `s${index + 10}`));
    const [first, second, ...more] = hostsOf([route('/', 'web'), ...many]);
    expect([first?.rules.length, second?.rules, more]).toEqual([16, [{ service: 'web', paths: ['/'] }], []]);
  });
});

test('the ready path is requested at the root of a service, and the prefix itself below one', () => {
  expect(expectations(plan, 80).routes.map(({ host, path }) => host + path)).toEqual([
    'feat-login.shop.localhost/healthz',
    'api.feat-login.shop.localhost/',
    'feat-login.shop.localhost/api',
  ]);
});

test('there is no wait for an answer of a service that is switched off', () => {
  const services = plan.services.map((service) =>
    service.name === 'api' ? { ...service, replicas: 0 } : service,
  );
  const { routes } = expectations({ ...plan, services }, 80);
  expect(routes.map(({ service }) => service)).toEqual(['web']);
});

test('the hash of a service covers everything in its pods, and nothing else', () => {
  const hashes = (of: typeof plan) => expectations(of, 80).services.map(({ configHash }) => configHash);
  const [web, api] = plan.services;
  if (!web || !api) throw new Error('the plan has two services');
  const changed = { ...plan, services: [{ ...web, env: { ...web.env, A: '1' } }, ...plan.services.slice(1)] };
  expect(hashes(changed)[0]).not.toBe(hashes(plan)[0]);
  expect(hashes(changed).slice(1)).toEqual(hashes(plan).slice(1));
  expect(hashes({ ...plan, commitHeader: 'other' })).toEqual(hashes(plan));
});

test('a hash does not depend on the order of keys', () => {
  expect(hashOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(hashOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
});

test('the quota covers every service twice, and never sums memory: lowering it would deadlock a rollout', () => {
  // web 1, api 1, worker 2.
  expect(quotaSpec(plan.services).hard).toEqual({
    pods: '58',
    'services.nodeports': '0',
    'services.loadbalancers': '0',
  });
  expect(limitRangeSpec.limits).toHaveLength(1);
});

test.each([
  ['folder', { emptyDir: {} }],
  ['file', { configMap: { name: 'empty-file', items: [{ key: 'empty', path: 'empty' }] } }],
] as const)('.git is covered where it is a %s', (git, cover) => {
  if (plan.source.kind !== 'mount' || !plan.services[0]) throw new Error('the plan mounts');
  const spec = podSpec({ ...plan, source: { ...plan.source, git } }, plan.services[0]);
  expect(spec.volumes).toContainEqual({ name: 'no-git', ...cover });
});

test('nothing is covered where there is no .git: a mount point would appear in the folder', () => {
  if (plan.source.kind !== 'mount' || !plan.services[0]) throw new Error('the plan mounts');
  const spec = podSpec({ ...plan, source: { ...plan.source, git: 'none' } }, plan.services[0]);
  expect(JSON.stringify(spec)).not.toContain('.git');
});
