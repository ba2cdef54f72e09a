import { beforeEach, expect, test } from 'vitest';
import type { Kube } from '../../../../cluster/kube/client.ts';
import { accessOf, writeAccess } from '../../../../resources/database/secret.ts';

const environment = { namespace: 'shop-one-1a2b3c4d', app: 'shop', environment: 'one' };
const access = (password: string) =>
  accessOf('wt_shop__one', password, { host: 'postgres.coppice.svc', port: 5432 }, false);
const fromSecret = (name: string) => [{ name: 'URL', valueFrom: { secretKeyRef: { name, key: 'url' } } }];
const pods = [
  { metadata: { name: 'api' }, spec: { containers: [{ env: fromSecret('database') }] } },
  {
    metadata: { name: 'worker' },
    spec: { initContainers: [{ env: fromSecret('database') }], containers: [{}] },
  },
  {
    metadata: { name: 'web' },
    spec: { containers: [{ env: [...fromSecret('another'), { name: 'A', value: 'b' }] }] },
  },
];

let kept: Record<string, string> | undefined;
let deleted: string[];
beforeEach(() => {
  kept = undefined;
  deleted = [];
});

/** Stands in for the API server, as far as one Secret and its pods are concerned. */
const kube = {
  core: {
    createNamespacedSecret: async ({ body }: { body: { stringData: Record<string, string> } }) => {
      if (kept) throw Object.assign(new Error('exists'), { code: 409 });
      kept = body.stringData;
    },
    patchNamespacedSecret: async ({ body }: { body: { stringData: Record<string, string> } }) => {
      kept = { ...kept, ...body.stringData };
    },
    readNamespacedSecret: async () => ({
      data: Object.fromEntries(
        Object.entries(kept ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    }),
    listNamespacedPod: async () => ({ items: pods }),
    deleteNamespacedPod: async ({ name }: { name: string }) => {
      deleted.push(name);
      if (name === 'worker') throw Object.assign(new Error('gone meanwhile'), { code: 404 });
    },
  },
} as unknown as Kube;

test('a lost Secret is recreated, and the pods with the old password are restarted', async () => {
  await writeAccess(kube, environment, access('second'));
  expect(kept).toMatchObject({ password: 'second' });
  expect(deleted).toEqual(['api', 'worker']);
});

test('a Secret with the same values does not affect any pod', async () => {
  kept = { ...access('first') };
  await writeAccess(kube, environment, access('first'));
  expect(deleted).toEqual([]);
});

test('pods are also restarted when the Secret was changed by hand', async () => {
  kept = { ...access('first'), host: 'elsewhere' };
  await writeAccess(kube, environment, access('first'));
  expect(kept).toEqual(access('first'));
  expect(deleted).toEqual(['api', 'worker']);
});
