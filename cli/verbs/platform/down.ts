import { duration } from '../../../core/text/duration.ts';
import { verb } from '../../define.ts';

export const down = verb({
  usage: 'down',
  summary: 'remove the platform',
  about:
    "No environment can be reached after that, until `wt platform up`. The Gateway API's resource definitions stay.",
  run: async (_, __, ports) => {
    const { platformDown } = await import('../../../app/platform/down.ts');
    const removed = await platformDown(ports);
    return {
      text: removed ? `removed the platform in ${duration(ports.phases.total)}` : 'the platform was not up',
      json: { removed, timings: ports.phases.list },
    };
  },
});
