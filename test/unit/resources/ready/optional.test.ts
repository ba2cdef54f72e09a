import { describe, expect, test } from 'vitest';
import { isReadyWithout } from '../../../../resources/ready/check.ts';
import type { ReadyPlan } from '../../../../resources/ready/contract.ts';
import type { ServiceState } from '../../../../resources/ready/judge-service.ts';
import { isSettled, parted } from '../../../../resources/ready/wait.ts';

const route = (service: string) => ({ service, host: `${service}.localhost`, path: '/' });
const service = (name: string, facts: Partial<ServiceState> = {}): ServiceState => ({
  name,
  state: 'ready',
  hopeless: false,
  ready: 1,
  replicas: 1,
  pods: 1,
  restarts: 0,
  ...facts,
});

describe('a platform', () => {
  const seen = (jaeger: Partial<ServiceState>, routeReady = true) => ({
    services: [service('traefik'), service('jaeger', jaeger)],
    routes: [{ ...route('jaeger'), ready: routeReady }],
    namespace: 'live' as const,
  });

  test.each<[string, Parameters<typeof seen>]>([
    ['fails', [{ state: 'failing', hopeless: true }, false]],
    ['is starting', [{ state: 'starting' }, false]],
    ['runs, but its page does not answer', [{}, false]],
  ])('is ready for an environment though an optional part %s', (_, facts) => {
    expect(isReadyWithout(['jaeger'], seen(...facts))).toBe(true);
    expect(isReadyWithout([], seen(...facts))).toBe(false);
  });

  test('is not while another part, the gateway or the namespace is away', () => {
    expect(isReadyWithout(['traefik'], seen({ state: 'failing' }))).toBe(false);
    expect(isReadyWithout(['jaeger'], { ...seen({}), gateway: { ready: false } })).toBe(false);
    expect(isReadyWithout(['jaeger'], { ...seen({}), namespace: 'ending' })).toBe(false);
  });
});

describe('a wait', () => {
  const expected = (name: string) => ({ name, replicas: 1, timeoutSeconds: 300 });
  const plan: ReadyPlan = {
    namespace: 'coppice',
    services: ['traefik', 'jaeger'].map(expected),
    routes: ['traefik', 'jaeger'].map(route),
    optional: ['jaeger'],
  };

  test('is first for what is needed, with its routes', () => {
    const { required, optional } = parted(plan);
    expect(required).toMatchObject({ services: [{ name: 'traefik' }], routes: [{ service: 'traefik' }] });
    expect(optional).toMatchObject({ services: [{ name: 'jaeger' }], routes: [{ service: 'jaeger' }] });
  });

  test('is for everything in a plan that says nothing of optional services, as older ones', () => {
    const { optional: _, ...older } = plan;
    expect(parted(older).required.services).toHaveLength(2);
  });

  test.each<[string, Partial<ServiceState>, number, boolean]>([
    ['one that is starting', { state: 'starting', ready: 0 }, 9_000, false],
    ['one that is ready', {}, 0, true],
    ['one that cannot get its image', { state: 'failing', hopeless: true, reason: 'has no image' }, 0, true],
    ['one that ended before', { state: 'starting', ready: 0, restarts: 1 }, 0, true],
    ['one without a node yet', { hopeless: true, state: 'failing', reason: 'cannot be scheduled' }, 0, false],
    ['one without a node', { hopeless: true, state: 'failing', reason: 'cannot be scheduled' }, 9_000, true],
  ])('of %s', (_, facts, elapsed, settled) => {
    expect(isSettled(service('jaeger', facts), elapsed)).toBe(settled);
  });
});
