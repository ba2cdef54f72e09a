import type { RefreshedTemplate } from '../../../app/databases/refresh-template.ts';
import { counted } from '../../../core/text/counted.ts';
import { duration } from '../../../core/text/duration.ts';
import { size } from '../../../core/text/size.ts';
import { flag, type Result, verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

export const refreshTemplate = verb({
  usage: 'refresh-template',
  summary: 'build the template again, from a new dump if there is one',
  about:
    'Existing databases stay as they are; `wt db reset` replaces one by a clone of the new template. A dump command runs on this machine: it asks before it runs that command for the first time. Ctrl+C leaves no incomplete template.',
  options: {
    yes: flag('run the dump command without asking'),
    force: flag('the same: no program is connected to a template'),
    ...targetOptions,
  },
  run: async (_, { yes, force, ...named }, ports) => {
    const { refreshTemplate } = await import('../../../app/databases/refresh-template.ts');
    return templateReport(await refreshTemplate(targetOf(named), { yes: yes || force }, ports));
  },
});

/** @internal Exported for its test, which reads the text without a server. */
export function templateReport({ app, name, mark }: RefreshedTemplate): Result {
  const { buildMilliseconds, bytes, migrations } = mark;
  return {
    text: [
      `built ${name} in ${duration(buildMilliseconds)}: ${counted(migrations.length, 'migration')}, ${size(bytes)}`,
      '  existing databases stay as they are; wt db reset replaces one by a clone of it',
    ].join('\n'),
    json: { app, template: name, hash: mark.hash, buildMilliseconds, bytes, migrations },
  };
}
