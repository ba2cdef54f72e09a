import { verbLine } from '../../app/target/verb-line.ts';
import { counted } from '../../core/text/counted.ts';
import { duration } from '../../core/text/duration.ts';
import { verb } from '../define.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

export const stop = verb({
  usage: 'stop [environment]',
  summary: 'remove the pods, pause Temporal schedules, keep everything else',
  about: `Scales every deployment to zero, waits until no pod is left, and pauses the Temporal schedules that were not paused. ${whichEnvironment} Ctrl+C leaves the pods ending.`,
  examples: [['wt stop', 'and later: wt start']],
  options: { as },
  run: async ([environment], { as }, ports) => {
    const { stop } = await import('../../app/environments/stop.ts');
    const target = targetOf({ env: environment, as });
    const { name, services, schedules, milliseconds } = await stop(target, ports);
    const { app, slug, namespace } = name;
    return {
      text: `stopped ${app}/${slug} in ${duration(milliseconds)}: no pods of ${services.join(', ')}${pausedText(schedules)}; ${verbLine('start', target)} brings them back`,
      json: {
        app,
        slug,
        namespace,
        stopped: services,
        pausedSchedules: schedules,
        timings: ports.phases.list,
      },
    };
  },
});

function pausedText(schedules: readonly string[]): string {
  return schedules.length === 0 ? '' : `, and ${counted(schedules.length, 'Temporal schedule')} paused`;
}
