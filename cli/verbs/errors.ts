import { ExitCode } from '../../core/errors.ts';
import { flag, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

export const errors = verb({
  usage: 'errors',
  summary: 'what failed since the last up, by cause, and what to type next',
  about:
    'Looks at everything at once, from the last up on, even one that changed nothing: pods that crash, restart or do not answer, routes that answer 5xx, what the last up failed at (a migration, an image), workflows that failed or are stuck, failing spans, and lines that name an error. What is one cause is one row, with its count, its first and last time and its trace; what is so right now comes first. Without telemetry it reads the logs of the pods. Of an environment that is gone it has what is stored. Ends with 1 when something failed. Changes nothing.',
  examples: [
    ['wt errors', 'why this environment does not work'],
    ['wt errors --env feat/login --json', 'another one, as JSON'],
  ],
  options: {
    full: flag('without cuts; what is longer than 32 kB goes to a file'),
    ...targetOptions,
  },
  run: async (_, { full, ...named }, ports) => {
    const target = targetOf(named);
    const [{ errorsOf }, report, { spillLong }] = await Promise.all([
      import('../../app/environments/errors.ts'),
      import('../ui/failures/report.ts'),
      import('../../app/telemetry/spill.ts'),
    ]);
    const found = await errorsOf(target, ports);
    const failed = found.causes.length > 0 || !['up', 'stopped', 'starting', 'gone'].includes(found.state);
    const exitCode = failed ? ExitCode.problem : ExitCode.ok;
    if (ports.json) return { text: '', json: await report.errorsDocumentOf(found), exitCode };
    const text = await spillLong(found.name, 'errors', report.errorsReport(found, { target, full }));
    return { text, json: undefined, exitCode };
  },
});
