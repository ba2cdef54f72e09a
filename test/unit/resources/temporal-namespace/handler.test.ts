import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Kube } from '../../../../cluster/kube/client.ts';
import type { TemporalInputs } from '../../../../resources/temporal-namespace/contract.ts';
import { temporalNamespace } from '../../../../resources/temporal-namespace/handler.ts';
import { accessOf, hasAccess, writeAccess } from '../../../../resources/temporal-namespace/secret.ts';
import type { ManagedTemporal } from '../../../../servers/temporal/place.ts';
import { reachTemporal, withTemporal } from '../../../../servers/temporal/reach.ts';

const signal = new AbortController().signal;

/** Stands in for the API server, as far as one Service is concerned. */
const kubeWith = (service: object | undefined) =>
  ({
    core: {
      readNamespacedService: async () => {
        if (service) return service;
        throw Object.assign(new Error('no such service'), { code: 404 });
      },
    },
  }) as unknown as Kube;

describe('the address of a server', () => {
  const managed: ManagedTemporal = {
    kind: 'managed',
    address: 'temporal.example.com:7233',
    namespaces: 'create',
  };

  test("is the published port on this machine, and the platform's Service for pods", async () => {
    const { frontend, address } = await reachTemporal(kubeWith({}), {
      server: { kind: 'platform', port: 17233 },
    });
    expect(frontend).toEqual({ address: '127.0.0.1:17233' });
    expect(address).toBe('temporal.coppice.svc:7233');
  });

  test('is missing for a platform without Temporal, and the error has the command to run, whatever listens on the port', async () => {
    const reaching = reachTemporal(kubeWith(undefined), { server: { kind: 'platform', port: 17233 } });
    await expect(reaching).rejects.toMatchObject({
      code: 'COPPICE_NO_TEMPORAL_SERVER',
      exitCode: 3,
      hint: expect.stringContaining('wt platform up'),
    });
  });

  test('for a managed one is in the settings, without querying the cluster', async () => {
    const server = { ...managed, cluster: 'temporal.internal:7233' };
    const { frontend, address } = await reachTemporal({} as Kube, { server });
    expect(frontend).toEqual({ address: 'temporal.example.com:7233' });
    expect(address).toBe('temporal.internal:7233');
  });

  test('where nothing listens is reported, at once without patience', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => nobody.once('listening', resolve));
    const { port } = nobody.address() as { port: number };
    await new Promise((resolve) => nobody.close(resolve));
    const work = async () => 'reached';
    const asking = withTemporal(kubeWith({}), { server: { kind: 'platform', port } }, signal, work);
    await expect(asking).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL_UNREACHABLE', exitCode: 3 });
  });
});

describe('pods of a managed server', () => {
  test('get every key, and an empty one where there is no value', () => {
    expect(accessOf({ address: 'outside:7233' }, 'inside:7233', 'wt-shop--one')).toEqual({
      address: 'inside:7233',
      namespace: 'wt-shop--one',
      tls: 'false',
      apiKey: '',
      clientCert: '',
      clientKey: '',
      serverCa: '',
    });
  });

  test('get TLS and its texts, even where only an API key requires it', () => {
    const tls = { ca: 'ca text', cert: 'cert text', key: 'key text' };
    expect(accessOf({ address: 'a:1', tls }, 'a:1', 'n')).toMatchObject({
      tls: 'true',
      clientCert: 'cert text',
      clientKey: 'key text',
      serverCa: 'ca text',
    });
    expect(accessOf({ address: 'a:1', apiKey: 'key' }, 'a:1', 'n')).toMatchObject({
      tls: 'true',
      apiKey: 'key',
    });
  });

  describe('by their Secret', () => {
    const whose = { namespace: 'wt-shop--one', app: 'shop', environment: 'one' };
    const access = (apiKey: string) => accessOf({ address: 'a:1', apiKey }, 'a:1', 'n');
    let kept: Record<string, string> | undefined;
    let deleted: string[];
    beforeEach(() => {
      deleted = [];
    });
    afterEach(() => {
      kept = undefined;
    });
    const reads = (name: string) => ({
      containers: [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name, key: 'apiKey' } } }] }],
    });
    const kube = {
      core: {
        createNamespacedSecret: async ({ body }: { body: { stringData: Record<string, string> } }) => {
          if (kept) throw Object.assign(new Error('exists'), { code: 409 });
          kept = body.stringData;
        },
        patchNamespacedSecret: async ({ body }: { body: { stringData: Record<string, string> } }) => {
          kept = { ...kept, ...body.stringData };
        },
        readNamespacedSecret: async () => {
          if (!kept) throw Object.assign(new Error('none'), { code: 404 });
          const entries = Object.entries(kept).map(([key, value]) => [
            key,
            Buffer.from(value).toString('base64'),
          ]);
          return { data: Object.fromEntries(entries) };
        },
        listNamespacedPod: async () => ({
          items: [
            { metadata: { name: 'worker' }, spec: reads('temporal') },
            { metadata: { name: 'api' }, spec: reads('database') },
          ],
        }),
        deleteNamespacedPod: async ({ name }: { name: string }) => void deleted.push(name),
      },
    } as unknown as Kube;

    test('are compared with it, and with nothing before it exists', async () => {
      expect(await hasAccess(kube, whose, access('one'))).toBe(false);
      await writeAccess(kube, whose, access('one'));
      expect(await hasAccess(kube, whose, access('one'))).toBe(true);
      expect(await hasAccess(kube, whose, access('two'))).toBe(false);
    });

    test('are not affected by what others wrote into it', async () => {
      await writeAccess(kube, whose, access('one'));
      kept = { ...kept, note: 'of mine' };
      deleted = [];
      expect(await hasAccess(kube, whose, access('one'))).toBe(true);
      await writeAccess(kube, whose, access('one'));
      expect(deleted).toEqual([]);
    });

    test('are restarted for another key, but only those that read it', async () => {
      await writeAccess(kube, whose, access('one'));
      deleted = [];
      await writeAccess(kube, whose, access('one'));
      expect(deleted).toEqual([]);
      await writeAccess(kube, whose, access('two'));
      expect(deleted).toEqual(['worker']);
    });
  });
});

describe('a change of', () => {
  const inputs: TemporalInputs = {
    kubeconfig: '/none',
    context: 'coppice',
    cluster: 'uid',
    server: { kind: 'platform' },
    namespace: 'wt-shop--one',
    app: 'shop',
    environment: 'one',
    repository: '/src/shop/.git',
    branch: 'one',
    worktree: '/src/shop',
    temporal: {
      server: 'platform',
      namespace: 'wt-shop--one',
      retentionSeconds: 86_400,
      searchAttributes: {},
    },
  };
  const olds = { ...inputs, namespaceId: 'id', created: true };
  const diff = (change: Partial<TemporalInputs>) =>
    temporalNamespace.diff(olds, { ...inputs, ...change }, { signal });

  test.each([
    ['cluster', { cluster: 'another' }],
    ['app', { app: 'bank' }],
    ['environment', { environment: 'two' }],
    ['repository', { repository: '/src/fork/.git' }],
    ['branch', { branch: 'two' }],
    [
      'server',
      { server: { kind: 'managed' as const, address: 'a.example:7233', namespaces: 'create' as const } },
    ],
    ['temporal', { temporal: { ...inputs.temporal, namespace: 'shop-one' } }],
  ])('%s means another namespace, and the old one is deleted first', async (property, change) => {
    expect(await diff(change)).toEqual({ changes: true, replaces: [property], deleteBeforeReplace: true });
  });

  test.each([
    ['where the worktree lies', { worktree: '/src/moved' }],
    ['the port', { server: { kind: 'platform' as const, port: 17233 } }],
    ['the retention', { temporal: { ...inputs.temporal, retentionSeconds: 3600 } }],
    ['search attributes', { temporal: { ...inputs.temporal, searchAttributes: { Id: 'Keyword' as const } } }],
  ])('%s is done in place', async (_what, change) => {
    expect(await diff(change)).toEqual({ changes: true });
  });

  test.each([
    ['another address, which may lead to the same server', { address: 'b.example:7233' }],
    ['that others make the namespaces from now on', { namespaces: 'existing' as const }],
  ])('%s removes nothing', async (_what, change) => {
    const server = { kind: 'managed', address: 'a.example:7233', namespaces: 'create' } as const;
    const news = { ...inputs, server: { ...server, ...change } };
    expect(await temporalNamespace.diff({ ...olds, server }, news, { signal })).toEqual({ changes: true });
  });

  test('nothing counts as a change where the server cannot be queried', async () => {
    expect(await diff({})).toEqual({ changes: true });
  });
});
