import type { DatabaseUndo } from '../../../app/databases/undo.ts';
import { environmentName } from '../../../core/names.ts';
import { since } from '../../../core/text/duration.ts';
import { type Result, verb } from '../../define.ts';
import { replacedDocument } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { answers, ownServices } from './options.ts';

export const undo = verb({
  usage: 'undo [name]',
  summary: 'bring back what down, reset, restore or fork replaced',
  about: `Takes the latest replaced content of the last 72 hours, or the snapshot that you name (wt db snapshots). After \`wt down\` the database comes back, and the next \`wt up\` uses it. The current content becomes a snapshot in turn, so an undo can be undone. ${ownServices} Asks first if there is any; without a terminal it needs --yes or --force.`,
  examples: [['wt db undo', 'after a reset that was a mistake']],
  options: { ...answers, ...targetOptions },
  run: async ([name], { force, yes, endSessions, ...named }, ports) => {
    const { undo } = await import('../../../app/databases/undo.ts');
    return undoReport(await undo(targetOf(named), { name, force, yes, endSessions }, ports), Date.now());
  },
});

/**
 * `now` is in milliseconds since 1970.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function undoReport({ environment, database, ...undone }: DatabaseUndo, now: number): Result {
  const { app, slug } = environment;
  const { reason, takenAt, name } = undone.snapshot;
  return {
    text: [
      `the database of ${environmentName(app, slug)} is what it was before ${reason}, ${since(takenAt, now)} ago`,
      undone.kept ? '  wt db undo again reverses this' : '  wt up uses it as it is',
    ].join('\n'),
    json: { app, environment: slug, database, broughtBack: name, ...replacedDocument(undone) },
  };
}
