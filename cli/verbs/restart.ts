import { duration } from '../../core/text/duration.ts';
import { verb } from '../define.ts';
import { urlTable } from '../ui/table.ts';
import { targetOf, targetOptions } from './target.ts';

export const restart = verb({
  usage: 'restart [service...]',
  summary: 'give services new processes',
  about:
    'Starts new pods, waits until they are ready, and ends the old ones, which answer until then. Without an argument it restarts all services. Ctrl+C ends the wait and leaves the new pods starting.',
  examples: [
    ['wt restart', 'all services of this worktree'],
    ['wt restart web', 'one of them, such as after an edit that nothing watches'],
    ['wt restart web --env feat-b', 'a service of another environment'],
  ],
  options: targetOptions,
  run: async (services, named, ports) => {
    const { restart } = await import('../../app/environments/restart.ts');
    const { name, restarted, urls, milliseconds } = await restart(targetOf(named), services, ports);
    const { app, slug, namespace } = name;
    return {
      text: [
        `${app}/${slug}: restarted ${restarted.join(', ')} in ${duration(milliseconds)}`,
        ...(urls.length === 0 ? [] : [urlTable(urls)]),
      ].join('\n'),
      json: { app, slug, namespace, restarted, urls, timings: ports.phases.list },
    };
  },
});
