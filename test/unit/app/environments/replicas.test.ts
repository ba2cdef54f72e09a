import { expect, test } from 'vitest';
import { restoreReplicas, scaleToZero } from '../../../../app/environments/replicas.ts';
import type { Kube } from '../../../../cluster/kube/client.ts';

/** A namespace with Deployments, without a cluster. `fails`: a Deployment that cannot be scaled at first. */
function namespaceWith(replicas: Record<string, number>) {
  const annotations: Record<string, string | null> = {};
  const seen = { replicas, fails: undefined as string | undefined };
  const kube = {
    core: {
      readNamespace: async () => ({
        metadata: {
          annotations: Object.fromEntries(Object.entries(annotations).filter(([, text]) => text !== null)),
        },
      }),
      patchNamespace: async ({ body }: { body: { metadata: { annotations: object } } }) => {
        Object.assign(annotations, body.metadata.annotations);
      },
    },
    apps: {
      listNamespacedDeployment: async () => ({
        items: Object.entries(seen.replicas).map(([name, count]) => ({
          metadata: { name },
          spec: { replicas: count },
        })),
      }),
      patchNamespacedDeployment: async ({
        name,
        body,
      }: {
        name: string;
        body: { spec: { replicas: number } };
      }) => {
        if (name === seen.fails) throw new Error('the connection broke');
        seen.replicas[name] = body.spec.replicas;
      },
    },
  };
  return { seen, kube: kube as unknown as Kube };
}

const running = { web: 2, worker: 1, spare: 0 };
const stopped = { web: 0, worker: 0, spare: 0 };

test('a stop that broke in between is finished by the next one, and a start restores all', async () => {
  const { seen, kube } = namespaceWith({ ...running });
  seen.fails = 'worker';
  await expect(scaleToZero(kube, 'wt-shop--a')).rejects.toThrow('broke');
  seen.fails = undefined;
  await scaleToZero(kube, 'wt-shop--a');
  expect(seen.replicas).toEqual(stopped);
  await scaleToZero(kube, 'wt-shop--a');
  expect(await restoreReplicas(kube, 'wt-shop--a')).toEqual(['web', 'worker', 'spare']);
  expect(seen.replicas).toEqual(running);
});

test('a start that broke in between can be stopped and started again', async () => {
  const { seen, kube } = namespaceWith({ ...running });
  await scaleToZero(kube, 'wt-shop--a');
  seen.fails = 'worker';
  await expect(restoreReplicas(kube, 'wt-shop--a')).rejects.toThrow('broke');
  seen.fails = undefined;
  await scaleToZero(kube, 'wt-shop--a');
  expect(seen.replicas).toEqual(stopped);
  await restoreReplicas(kube, 'wt-shop--a');
  expect(seen.replicas).toEqual(running);
  expect(await restoreReplicas(kube, 'wt-shop--a')).toEqual([]);
});
