import type { DatabaseReset } from '../../../app/databases/reset.ts';
import { environmentName } from '../../../core/names.ts';
import { type Result, verb } from '../../define.ts';
import { copyText, keptText, replacedDocument } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { answers, ownServices } from './options.ts';

export const reset = verb({
  usage: 'reset',
  summary: 'replace it by a fresh clone of the template',
  about: `Replaces the database by a new clone of the template that coppice.yaml describes now. ${ownServices} Where the file system shares blocks, the previous content is kept as a snapshot for 72 hours (\`wt db undo\`); elsewhere it is lost. Asks first; without a terminal it needs --yes or --force. Ctrl+C before the clone changes nothing.`,
  examples: [['wt db reset --yes', 'after a migration was edited']],
  options: { ...answers, ...targetOptions },
  run: async (_, { yes, endSessions, force, ...named }, ports) => {
    const { reset } = await import('../../../app/databases/reset.ts');
    return resetReport(await reset(targetOf(named), { yes, endSessions, force }, ports));
  },
});

/** @internal Exported for its test, which reads the text without a server. */
export function resetReport(reset: DatabaseReset): Result {
  const { app, slug } = reset;
  const whose = environmentName(app, slug);
  if (reset.kind === 'sqlite') {
    const { name, file, source, origin, milliseconds, previous } = reset;
    const what = origin === 'empty' ? 'is gone: there is none to copy' : `is a new copy of ${source}`;
    return {
      text: [
        `${name} of ${whose} ${what}`,
        ...(previous === undefined ? [] : [`  the previous file is kept as ${previous}`]),
        '  services still have the old file open: wt stop, then wt start',
      ].join('\n'),
      json: { app, environment: slug, file, origin, milliseconds, previous },
    };
  }
  return {
    text: [
      `the database of ${whose} is a new clone of its template: ${copyText(reset)}`,
      keptText(reset),
    ].join('\n'),
    json: { app, environment: slug, database: reset.database, ...replacedDocument(reset) },
  };
}
