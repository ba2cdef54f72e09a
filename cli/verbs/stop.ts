import { duration } from '../../core/text/duration.ts';
import { verb } from '../define.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

export const stop = verb({
  usage: 'stop [environment]',
  summary: 'remove the pods, keep everything else',
  about: `Scales every deployment to zero and waits until no pod is left. ${whichEnvironment} Ctrl+C leaves the pods ending.`,
  examples: [['wt stop', 'and later: wt start']],
  options: { as },
  run: async ([environment], { as }, ports) => {
    const { stop } = await import('../../app/environments/stop.ts');
    const { name, services, milliseconds } = await stop(targetOf({ env: environment, as }), ports);
    const { app, slug, namespace } = name;
    return {
      text: `stopped ${app}/${slug} in ${duration(milliseconds)}: no pods of ${services.join(', ')}; wt start brings them back`,
      json: { app, slug, namespace, stopped: services, timings: ports.phases.list },
    };
  },
});
