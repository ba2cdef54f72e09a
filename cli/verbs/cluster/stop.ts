import { duration } from '../../../core/text/duration.ts';
import { verb } from '../../define.ts';
import { driver } from './driver.ts';

export const stop = verb({
  usage: 'stop',
  summary: 'stop the cluster, keep its data',
  about:
    'Leaves no process, mount, network interface or iptables chain of ours. `wt cluster start` brings everything back.',
  options: { driver },
  run: async (_, { driver: named }, ports) => {
    const { chosenDriver } = await import('../../../app/clusters/clusters.ts');
    const { driver } = await chosenDriver(ports, named);
    const { state } = await driver.status();
    await ports.phases.measure('cluster', () => driver.stop());
    const ran = state === 'running' || state === 'degraded';
    return {
      text: ran
        ? `cluster stopped in ${duration(ports.phases.total)}; its data are kept, wt cluster start brings everything back`
        : 'the cluster was not running',
      json: { driver: driver.name, stopped: true, timings: ports.phases.list },
    };
  },
});
