import { describe, expect, test, vi } from 'vitest';
import { SliceKeeper } from '../../../../platform/pages/program/keep-slices.ts';
import { sliceOf } from '../../../../platform/pages/program/objects.ts';
import { sliceChanges, sliceObject } from '../../../../platform/pages/program/slices.ts';
import { FakeApi, namespace, pagesAddress, route, service, slice, viewOf } from './cluster.ts';

const host = 'feat-b.shop.localhost';
const web = { routes: [route('web', host, { '/': ['web', 3000] })], services: [service('web', 3000)] };
const idle = slice('web', 'http', 3000, []);
const busy = slice('web', 'http', 3000, ['10.213.0.7']);

/** The slices that a cluster has after the changes for a view, as its watch reports them. */
const ownFor = (view: Parameters<typeof sliceChanges>[0]) => sliceChanges(view).create.map(sliceObject);

describe('a service that a route names leads to the pages', () => {
  test('while it has no pods, or none that are ready', () => {
    for (const slices of [[], [idle]]) {
      expect(sliceChanges(viewOf({ ...web, slices })).create).toMatchObject([
        { service: { name: 'web' }, address: pagesAddress },
      ]);
    }
  });

  test('not while one pod is ready', () => {
    expect(sliceChanges(viewOf({ ...web, slices: [busy] }))).toEqual({ create: [], delete: [] });
  });

  test('not when no route names it, and not before there is an address to lead to', () => {
    expect(sliceChanges(viewOf({ services: web.services })).create).toEqual([]);
    const view = viewOf(web);
    view.services.delete('coppice/pages');
    expect(sliceChanges(view).create).toEqual([]);
  });

  test('once, until a pod is ready', () => {
    const own = ownFor(viewOf({ ...web, slices: [idle] }));
    expect(sliceChanges(viewOf({ ...web, slices: [idle, ...own] }))).toEqual({ create: [], delete: [] });
    expect(sliceChanges(viewOf({ ...web, slices: [busy, ...own] }))).toEqual({
      create: [],
      delete: [{ namespace, name: 'web--page' }],
    });
  });

  test('again when the pages have another address, or the Service another port', () => {
    const [own] = ownFor(viewOf(web));
    const moved = { ...own, endpoints: [{ addresses: ['10.214.0.200'] }], addressType: 'IPv4' };
    for (const other of [
      { ...web, slices: [moved] },
      { routes: web.routes, services: [service('web', 3000, 'h2c')], slices: own ? [own] : [] },
    ]) {
      const changes = sliceChanges(viewOf(other));
      expect([changes.create.length, changes.delete.length]).toEqual([1, 1]);
    }
  });
});

test('a slice leads the gateway to the pages by the name of the port, and is no business of kube-proxy', () => {
  const routes = [route('rpc', host, { '/': ['rpc', 9000] }), ...web.routes];
  const view = viewOf({ routes, services: [service('rpc', 9000, 'grpc'), ...web.services] });
  expect(ownFor(view)).toMatchObject([
    { metadata: { name: 'rpc--page' }, ports: [{ name: 'grpc', port: 82 }] },
    {
      metadata: {
        namespace,
        name: 'web--page',
        labels: {
          'kubernetes.io/service-name': 'web',
          'service.kubernetes.io/service-proxy-name': 'coppice-pages',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', uid: 'web-uid' }],
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [pagesAddress], conditions: { ready: true } }],
      ports: [{ name: 'http', port: 81 }],
    },
  ]);
});

test('of a thousand services each is looked up, and not compared with all others', () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `s${at}`);
  const view = viewOf({
    routes: names.map((name) => route(name, `${name}.localhost`, { '/': [name, 80] })),
    services: names.map((name) => service(name, 80)),
    slices: names.map((name) => slice(name, 'http', 80, ['10.213.0.7'])),
  });
  const walks = [view.services, view.slices].map((of) => vi.spyOn(of, 'values'));
  const lookUps = [view.services, view.slices].map((of) => vi.spyOn(of, 'get'));
  expect(sliceChanges(view)).toEqual({ create: [], delete: [] });
  expect(walks.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  expect(lookUps.map(({ mock }) => mock.calls.length)).toEqual([1_000, 1_000]);
});

describe('the keeper of slices', () => {
  /** Waits for what the keeper does, without a time of its own. */
  const settled = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve));
  };

  test('writes one for what has no pods, and removes it when a pod is ready', async () => {
    const view = viewOf({ ...web, slices: [idle] });
    const api = new FakeApi();
    const keeper = new SliceKeeper(api, view);
    keeper.changed();
    await settled(() => api.created.length > 0);
    const sink = view.sliceSink(sliceOf);
    sink.put(api.created[0] as Parameters<typeof sink.put>[0]);
    sink.put(busy);
    keeper.changed();
    await settled(() => api.deleted.length > 0);
    expect(api.created).toHaveLength(1);
    expect(api.deleted).toEqual([
      `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/web--page`,
    ]);
  });

  test('writes nothing for a service whose pod is ready a moment later', async () => {
    const view = viewOf({ ...web, slices: [idle] });
    const api = new FakeApi();
    const keeper = new SliceKeeper(api, view);
    keeper.changed();
    await new Promise((resolve) => setImmediate(resolve));
    view.sliceSink(sliceOf).put(busy);
    keeper.changed();
    await keeper.idle();
    expect([api.created, api.deleted]).toEqual([[], []]);
  });

  test('does nothing before it has seen everything once', async () => {
    const api = new FakeApi();
    const view = viewOf(web);
    Object.defineProperty(view, 'complete', { value: false });
    const keeper = new SliceKeeper(api, view);
    keeper.changed();
    await keeper.idle();
    expect(api.created).toEqual([]);
  });
});
