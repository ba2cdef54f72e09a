import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../config/errors.ts';
import { Annotation, fieldManager } from '../../config/labels.ts';
import { readyPlanOf } from '../environment/ready-plan.ts';
import { routesOf } from '../environment/routes.ts';
import { nameEnvironment } from '../environment/target.ts';
import { connectCluster, reaching } from '../kube-connection.ts';
import type { Command, Ports } from '../ports.ts';
import { duration } from '../ui/duration.ts';
import { table } from '../ui/table.ts';
import type { Target } from '../verb.ts';
import { scale } from './stop.ts';

/** Gives the deployments of a stopped environment their pods back, and waits until all answer. */
export const start: Command<Target> = async (target, ports) => {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const { started, urls } = await reaching(record, async () => {
    const started = await startStopped(kube, name.namespace);
    const plan = await readyPlanOf({ project: name.app, stack: name.slug });
    if (started === undefined || !plan) {
      throw new CoppiceError('COPPICE_NO_ENVIRONMENT', `${name.app}/${name.slug} is not up`, {
        hint: 'wt up',
      });
    }
    const { waitUntilReady } = await import('../../provider/ready/wait.ts');
    await withSignal(ports, (signal) => waitUntilReady(kube, plan, signal));
    return { started, urls: await routesOf(kube, name.namespace, record.http.port) };
  });
  ports.phases.add('start', performance.now() - began);
  const what =
    started.length === 0
      ? 'was not stopped, and all of it is ready'
      : `started in ${duration(performance.now() - began)}`;
  return {
    text: [
      `${name.app}/${name.slug} ${what}`,
      table(
        urls.map(({ service, url }) => [service, url]),
        '  ',
      ),
    ].join('\n'),
    json: {
      app: name.app,
      slug: name.slug,
      namespace: name.namespace,
      started,
      urls,
      timings: ports.phases.list,
    },
  };
};

/** Names of the deployments that were started: none when the environment was not stopped; undefined without one. */
export async function startStopped(kube: Kube, namespace: string): Promise<string[] | undefined> {
  const owner = await unlessGone(kube.core.readNamespace({ name: namespace }));
  if (!owner || owner.metadata?.deletionTimestamp) return undefined;
  const stopped = owner.metadata?.annotations?.[Annotation.stopped];
  if (stopped === undefined) return [];
  const replicas = JSON.parse(stopped) as Record<string, number>;
  await Promise.all(
    Object.entries(replicas).map(([deployment, count]) =>
      unlessGone(scale(kube, namespace, deployment, count)),
    ),
  );
  // Last, so that an interrupted start can be repeated.
  const annotations = { [Annotation.stopped]: null };
  await kube.core.patchNamespace(
    { name: namespace, body: { metadata: { annotations } }, fieldManager },
    kube.mergePatch,
  );
  return Object.keys(replicas);
}

/** Ctrl+C ends the wait. */
async function withSignal<T>({ interrupts }: Ports, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const forget = interrupts.handle(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
}
