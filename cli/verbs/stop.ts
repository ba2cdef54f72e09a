import { connectCluster, reaching } from '../../app/clusters/connection.ts';
import { observe } from '../../app/environments/observe.ts';
import { scaleToZero } from '../../app/environments/stopped.ts';
import type { Command } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { nameEnvironment } from '../../app/target/target.ts';
import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { Label } from '../../core/labels.ts';
import { duration } from '../../core/text/duration.ts';
import { requireEnvironment } from './status.ts';

/** Takes all pods away and keeps the rest. The replicas of each deployment are kept on the namespace. */
export const stop: Command<Target> = async (target, ports) => {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const stopped = await reaching(record, async () => {
    const seen = await observe(kube, name.namespace, record.http.port);
    requireEnvironment(name, seen);
    if (!seen.stopped) await scaleToZero(kube, name.namespace);
    await untilNoPods(kube, name.namespace, { labelSelector: Label.service });
    return seen.services.map((service) => service.name);
  });
  ports.phases.add('stop', performance.now() - began);
  return {
    text: `stopped ${name.app}/${name.slug} in ${duration(performance.now() - began)}: no pods of ${stopped.join(', ')}; wt start brings them back`,
    json: { app: name.app, slug: name.slug, namespace: name.namespace, stopped, timings: ports.phases.list },
  };
};
