import { counted } from '../../core/text/counted.ts';
import { duration } from '../../core/text/duration.ts';
import { verb } from '../define.ts';
import { urlTable } from '../ui/table.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

export const start = verb({
  usage: 'start [environment]',
  summary: "bring a stopped environment's pods back",
  about: `Scales every deployment back to its previous number of pods, waits until all are ready, and continues the Temporal schedules that \`wt stop\` paused. ${whichEnvironment} Ctrl+C leaves the pods starting.`,
  examples: [['wt start', 'the environment of this worktree']],
  options: { as },
  run: async ([environment], { as }, ports) => {
    const { start } = await import('../../app/environments/start.ts');
    const { name, started, schedules, urls, milliseconds } = await start(
      targetOf({ env: environment, as }),
      ports,
    );
    const { app, slug, namespace } = name;
    const what =
      started.length === 0
        ? 'was not stopped, and all of it is ready'
        : `started in ${duration(milliseconds)}`;
    return {
      text: [`${app}/${slug} ${what}${continuedText(schedules)}`, urlTable(urls)].join('\n'),
      json: {
        app,
        slug,
        namespace,
        started,
        continuedSchedules: schedules,
        urls,
        timings: ports.phases.list,
      },
    };
  },
});

function continuedText(schedules: readonly string[]): string {
  return schedules.length === 0 ? '' : `; ${counted(schedules.length, 'Temporal schedule')} continued`;
}
