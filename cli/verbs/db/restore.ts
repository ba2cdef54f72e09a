import type { DatabaseRestore } from '../../../app/databases/restore.ts';
import { environmentName } from '../../../core/names.ts';
import { type Result, verb } from '../../define.ts';
import { copyText, keptText, replacedDocument } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { answers, keptFor72Hours, ownServices } from './options.ts';

export const restore = verb({
  usage: 'restore <name>',
  summary: 'bring the content of a snapshot back',
  about: `Name, role and password stay. ${keptFor72Hours} ${ownServices} Asks first; without a terminal it needs --yes or --force.`,
  examples: [['wt db restore before-import --force', 'even while the app runs']],
  options: { ...answers, ...targetOptions },
  run: async ([name], { force, yes, endSessions, ...named }, ports) => {
    const { restore } = await import('../../../app/databases/restore.ts');
    return restoreReport(name, await restore(targetOf(named), { name, force, yes, endSessions }, ports));
  },
});

/** @internal Exported for its test, which reads the text without a server. */
export function restoreReport(name: string, { environment, database, ...replaced }: DatabaseRestore): Result {
  const { app, slug } = environment;
  return {
    text: [
      `the database of ${environmentName(app, slug)} is what it was in the snapshot ${name}: ${copyText(replaced)}`,
      '  wt up runs the migrations that it lacks',
      keptText(replaced),
    ].join('\n'),
    json: { app, environment: slug, database, restored: name, ...replacedDocument(replaced) },
  };
}
