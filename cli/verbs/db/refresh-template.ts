import { requireCluster } from '../../../app/clusters/clusters.ts';
import { onServer } from '../../../app/databases/administer.ts';
import { noDatabase } from '../../../app/databases/environment-login.ts';
import { inputsOf, planOf, templateWork } from '../../../app/databases/plan.ts';
import { progressing } from '../../../app/databases/progressing.ts';
import { isFile } from '../../../app/databases/server-place.ts';
import type { Command } from '../../../app/ports.ts';
import { counted } from '../../../core/text/counted.ts';
import { duration } from '../../../core/text/duration.ts';
import { size } from '../../../core/text/size.ts';
import { rebuildTemplate, type Template } from '../../../servers/postgres/templates/template.ts';
import type { Target } from '../../verb.ts';

export interface RefreshTemplateArgs extends Target {
  /** Runs a dump command without asking. */
  readonly yes: boolean;
}

export const refreshTemplate: Command<RefreshTemplateArgs> = async ({ yes, ...target }, ports) => {
  const record = await requireCluster();
  const plan = await planOf(target, record, { yes, refresh: true }, ports);
  if (plan.database?.engine === 'sqlite') throw isFile(plan, plan.database.file);
  const inputs = await inputsOf(plan, record);
  if (inputs === undefined) throw noDatabase(plan);
  return onServer(
    () => inputs.server,
    ports,
    async (administration) => {
      const template = await progressing(`template of ${plan.app}`, ports, async (progress) => {
        const { template, work } = await templateWork(administration, inputs, progress);
        return rebuildTemplate(administration.server, template, work);
      });
      return report(plan.app, template);
    },
  );
};

function report(app: string, { name, mark }: Template) {
  const { buildMilliseconds, bytes, migrations } = mark;
  return {
    text: [
      `built ${name} in ${duration(buildMilliseconds)}: ${counted(migrations.length, 'migration')}, ${size(bytes)}`,
      '  databases that exist stay as they are; wt db reset takes a clone of the new one',
    ].join('\n'),
    json: { app, template: name, hash: mark.hash, buildMilliseconds, bytes, migrations },
  };
}
