import { value, verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

export const show = verb({
  usage: 'show <id>',
  summary: 'the history of a workflow, reduced to what failed',
  about:
    'Shows the latest run, or the one that --run names: its state, what failed and with which message, and what it waits for. The last line is its page in the UI. Changes nothing.',
  examples: [['wt workflows show order-17', 'why it failed, or what it waits for']],
  options: { run: value('run', 'id of an earlier run'), ...targetOptions },
  run: async ([id], { run, ...named }, ports) => {
    const [{ showWorkflow }, { historyReport }] = await Promise.all([
      import('../../../app/workflows/show.ts'),
      import('../../ui/history.ts'),
    ]);
    const { history, ui } = await showWorkflow(targetOf(named), { id, run }, ports);
    return historyReport(history, { ui, now: Date.now() });
  },
});
