import { CoppiceError } from '../../../core/errors.ts';
import { duration } from '../../../core/text/duration.ts';
import { flag, verb } from '../../define.ts';
import { finishRemovals } from '../finish-removals.ts';
import { driver } from './driver.ts';

export const start = verb({
  usage: 'start',
  summary: 'start the cluster',
  about:
    'Installs what is missing, starts the cluster and waits until its node is ready. The embedded cluster needs root: sudo wt cluster start.',
  options: {
    recreate: flag('recreate the k3d cluster with the current settings; databases are kept'),
    yes: flag('with --recreate: do not ask'),
    driver,
  },
  run: async (_, { recreate, yes, driver: named }, ports) => {
    const [{ chosenDriver, startCluster }, { confirm }] = await Promise.all([
      import('../../../app/clusters/clusters.ts'),
      import('../../../app/consent/confirm.ts'),
    ]);
    const { driver, reason } = await chosenDriver(ports, named);
    if (recreate) {
      requireRecreatable(driver.name);
      await confirm({ ...recreation, yes }, ports);
    }
    const ran = !recreate && (await driver.status()).state === 'running';
    const record = await ports.phases.measure('cluster', () => startCluster(driver, ports, { recreate }));
    await finishRemovals(ports);
    const { context, kubeconfig, uid, http } = record;
    return {
      text: `cluster ${ran ? `runs already (${driver.name})` : `up (${driver.name}) in ${duration(ports.phases.total)}`}: context ${context} of ${kubeconfig}, routes on port ${http.port}`,
      json: {
        driver: driver.name,
        reason,
        kubeconfig,
        context,
        uid,
        port: http.port,
        timings: ports.phases.list,
      },
    };
  },
});

const recreation = {
  question:
    'Recreate the cluster? Databases are kept; every environment is down until `wt up` brings it back.',
  refusal: 'the cluster was not recreated',
  hint: 'wt cluster start --recreate --yes',
};

/** Other clusters have their data inside, or are not ours. Throws COPPICE_USAGE. */
function requireRecreatable(driver: string): void {
  if (driver === 'k3d') return;
  throw new CoppiceError(
    'COPPICE_USAGE',
    `only a k3d cluster can be recreated with its data, and this one is ${driver}`,
    {
      hint: 'wt cluster reset deletes a cluster with its data, where it is ours',
    },
  );
}
