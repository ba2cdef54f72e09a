import { expect, test } from 'vitest';
import type { Kube } from '../../../../cluster/kube/client.ts';
import { runJob } from '../../../../cluster/kube/jobs.ts';

test("an interrupt is reported only after the command's pod is gone", async () => {
  const ending = new AbortController();
  let [deleted, looks] = [false, 0];
  const pod = { status: { phase: 'Running' } };
  const kube = {
    core: {
      createNamespacedSecret: async () => ({}),
      patchNamespacedSecret: async () => ({}),
      deleteNamespacedSecret: async () => ({}),
      listNamespacedPod: async () => {
        if (!deleted) ending.abort();
        else looks += 1;
        // It takes a moment to end.
        return { items: looks < 3 ? [pod] : [] };
      },
    },
    batch: {
      createNamespacedJob: async () => ({ metadata: { uid: '1' } }),
      deleteNamespacedJob: async () => {
        deleted = true;
      },
    },
  } as unknown as Kube;
  const running = runJob(kube, {
    namespace: 'coppice',
    name: 'migrate-1',
    labels: {},
    what: 'migrate of shop',
    image: 'node',
    code: 'COPPICE_MIGRATION',
    command: ['true'],
    variables: [],
    secret: {},
    volumes: [],
    mounts: [],
    user: { uid: 1, gid: 1 },
    timeoutSeconds: 60,
    signal: ending.signal,
  });
  await expect(running).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  expect(looks).toBe(3);
});
