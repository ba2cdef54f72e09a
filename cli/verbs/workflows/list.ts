import { CoppiceError } from '../../../core/errors.ts';
import { value, verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

const defaultLines = 20;
/** As many of each kind are examined, so that stuck ones are found among many that run. */
const examined = 200;

export const list = verb({
  usage: 'ls',
  summary: 'which are stuck, failed or running, and why',
  about:
    'Prints one line for each, those that need attention first. Changes nothing. Ends with 1 when one is stuck: an activity or a workflow task keeps failing, or no worker polls its task queue.',
  examples: [
    ['wt workflows', 'those of this worktree'],
    ['wt workflows --env feat-b --json', 'those of another one, as JSON'],
  ],
  options: {
    limit: value(
      'number',
      `lines of each kind for people (default: ${defaultLines}); --json has all that were listed`,
    ),
    ...targetOptions,
  },
  run: async (_, { limit: given, ...named }, ports) => {
    const limit = linesIn(given);
    const target = targetOf(named);
    const [{ workflowsOf }, { listing }] = await Promise.all([
      import('../../../app/workflows/list.ts'),
      import('../../ui/workflows.ts'),
    ]);
    const { list, ...about } = await workflowsOf(target, { limit: Math.max(limit, examined) }, ports);
    return listing(list, { ...about, target, limit, now: Date.now() });
  },
});

function linesIn(text: string | undefined): number {
  const limit = text === undefined ? defaultLines : Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CoppiceError('COPPICE_USAGE', `--limit must be a number of lines, not ${text}`, {
    hint: 'wt workflows --limit 100',
  });
}
