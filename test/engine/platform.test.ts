import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import { Annotation, Label, platformNamespace } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { type PlatformParts, readPlatformParts } from '../../core/state/platform-parts.ts';
import { platformProgram } from '../../stacks/platform.ts';
import { program } from '../../toolchain/toolchain.ts';
import { eventually, get } from '../e2e/harness.ts';
import { cluster, Engine, up } from './harness.ts';

let record: ClusterRecord;
let kube: Kube;
let engine: Engine;

beforeAll(async () => {
  ({ record, kube } = await cluster());
  engine = new Engine();
});

afterAll(async () => {
  // The platform of this run's cluster, in the state that the next tests need.
  expect((await up(await platform())).errors).toEqual([]);
  engine.remove();
});

const gateway = { trustForwardedHeaders: false };

async function platform(of: ClusterRecord = record, version = '0.1.0', besides: PlatformParts = {}) {
  const [gatewayApi, parts] = [program('gateway-api-crds'), { ...(await readPlatformParts()), ...besides }];
  if (gatewayApi === undefined) throw new Error('the toolchain has no definitions of the Gateway API');
  return engine.stack(
    'coppice',
    'platform',
    platformProgram({ record: of, version, gatewayApi, gateway, parts }),
  );
}

test('a second up changes nothing', async () => {
  expect((await up(await platform())).errors).toEqual([]);
  expect(Object.keys((await up(await platform())).changes)).toEqual(['same']);
});

test('answers on 127.0.0.1 and on ::1, and knows no host yet, which a page says', async () => {
  for (const address of ['127.0.0.1', '[::1]']) {
    const answer = await fetch(`http://${address}:${record.http.port}/`);
    expect([answer.status, answer.headers.get('x-coppice-page')]).toEqual([404, 'unknown-host']);
  }
  expect((await get('health.coppice.internal', '/ping', record.http.port)).status).toBe(200);
});

test('fails with the reason and the last output of Traefik when its port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    const { errors } = await up(await platform({ ...record, http: { port: address.port } }));
    expect(errors.join('\n')).toContain('service traefik crashes');
    expect(errors.join('\n')).toContain(`listen tcp 127.0.0.1:${address.port}: bind: address already in use`);
  } finally {
    taken.close();
  }
  const repaired = await up(await platform());
  expect(repaired.errors).toEqual([]);
  expect((await get('health.coppice.internal', '/ping', record.http.port)).status).toBe(200);
});

test('a platform that was created by a newer coppice is not touched', async () => {
  const newer = { metadata: { annotations: { [Annotation.platformVersion]: '9.0.0' } } };
  const name = platformNamespace;
  await kube.core.patchNamespace({ name, body: newer }, kube.mergePatch);
  const other = new Engine();
  try {
    const stack = await other.stack(
      'coppice',
      'platform',
      platformProgram({ record, version: '0.1.0', gatewayApi: '/nowhere', gateway, parts: {} }),
    );
    const { errors, changes } = await up(stack);
    expect(errors.join('\n')).toContain('the platform was created by coppice 9.0.0, and this is 0.1.0');
    expect(changes.update).toBeUndefined();
  } finally {
    other.remove();
    const older = { metadata: { annotations: { [Annotation.platformVersion]: '0.1.0' } } };
    await kube.core.patchNamespace({ name, body: older }, kube.mergePatch);
  }
});

test('the password of PostgreSQL is in no state, and a second up does not change it', async () => {
  const stack = await platform(record, '0.1.0', { postgres: true });
  const password = async () => {
    const { data } = await kube.core.readNamespacedSecret({ namespace: platformNamespace, name: 'postgres' });
    return Buffer.from(data?.password ?? '', 'base64').toString();
  };
  expect((await up(stack)).errors).toEqual([]);
  const first = await password();
  expect(first).toMatch(/^[\w-]{32}$/);
  expect(JSON.stringify(await stack.exportStack())).not.toContain(first);
  expect(Object.keys((await up(stack)).changes)).toEqual(['same']);
  expect(await password()).toBe(first);
});

test('a deleted password is recreated, and the server applies it', async () => {
  const stack = await platform(record, '0.1.0', { postgres: true });
  const name = 'postgres';
  const servers = async () => {
    const labelSelector = `${Label.service}=${name}`;
    return (await kube.core.listNamespacedPod({ namespace: platformNamespace, labelSelector })).items;
  };
  const [before] = await servers();
  await kube.core.deleteNamespacedSecret({ namespace: platformNamespace, name });
  const { succeeded, changes } = await up(stack);
  expect(succeeded).toBe(true);
  // `Ready` counts too if it polls while the server is between two pods.
  expect(Object.keys(changes).sort()).toEqual(['same', 'update']);
  await kube.core.readNamespacedSecret({ namespace: platformNamespace, name });
  await eventually('another server is ready', async () => {
    const [now] = (await servers()).filter(({ metadata }) => metadata?.uid !== before?.metadata?.uid);
    return now?.status?.containerStatuses?.[0]?.ready || undefined;
  });
});

test('down keeps claims with data in them, and up adopts the namespace again', async () => {
  const claim = { namespace: platformNamespace, name: 'kept' };
  await kube.core.createNamespacedPersistentVolumeClaim({
    namespace: platformNamespace,
    body: {
      metadata: { name: claim.name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
  });
  try {
    const stack = await platform();
    await stack.destroy();
    const { status } = await kube.core.readNamespacedPersistentVolumeClaim(claim);
    expect(status?.phase).toBeDefined();
    expect((await kube.core.listNamespacedPod({ namespace: platformNamespace })).items).toEqual([]);
    expect((await up(await platform())).errors).toEqual([]);
  } finally {
    await kube.core.deleteNamespacedPersistentVolumeClaim(claim);
  }
});
