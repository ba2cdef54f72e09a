import { connectCluster, reaching } from '../../app/clusters/connection.ts';
import { readyPlanOf } from '../../app/clusters/readiness.ts';
import { routesOf } from '../../app/environments/routes.ts';
import { startStopped } from '../../app/environments/stopped.ts';
import type { Command } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { nameEnvironment } from '../../app/target/target.ts';
import { CoppiceError } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { duration } from '../../core/text/duration.ts';
import { table } from '../ui/table.ts';

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
    const { waitUntilReady } = await import('../../resources/ready/wait.ts');
    await interruptible(ports.interrupts, (signal) => waitUntilReady(kube, plan, signal));
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
