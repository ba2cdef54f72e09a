import { requireCluster } from '../../../app/clusters/clusters.ts';
import { confirm } from '../../../app/consent/confirm.ts';
import { type Administration, onServer } from '../../../app/databases/administer.ts';
import { environmentLogin, noDatabase } from '../../../app/databases/environment-login.ts';
import { inputsOf, planOf, templateWork } from '../../../app/databases/plan.ts';
import { progressing } from '../../../app/databases/progressing.ts';
import { forgetRecord } from '../../../app/environments/record.ts';
import type { Command, Ports } from '../../../app/ports.ts';
import type { EnvironmentPlan } from '../../../config/plan/plan.ts';
import { databaseName, environmentName } from '../../../core/names.ts';
import { resetDatabase } from '../../../servers/postgres/clones/reset.ts';
import { keptText, made, replacedDocument } from '../../ui/clone-line.ts';
import type { Target } from '../../verb.ts';

export interface ResetArgs extends Target {
  readonly yes: boolean;
}

export const reset: Command<ResetArgs> = async ({ yes, ...target }, ports) => {
  const record = await requireCluster();
  const plan = await planOf(target, record, { yes: false }, ports);
  const whose = environmentName(plan.app, plan.slug);
  const inputs = await inputsOf(plan, record);
  if (plan.database === undefined) throw noDatabase(plan);
  await confirm(
    {
      question: `Replace the database of ${whose} by what coppice.yaml describes? Its rows go, its sessions end.`,
      yes,
      refusal: `the database of ${whose} was not reset`,
      hint: 'wt db reset --yes',
    },
    ports,
  );
  if (plan.database.engine === 'sqlite') {
    const { resetFile } = await import('../../../app/databases/reset-file.ts');
    return resetFile(plan, plan.database, ports);
  }
  if (inputs === undefined) throw noDatabase(plan);
  return onServer(
    () => inputs.server,
    ports,
    (administration) => resetOnServer(administration, plan, inputs, ports),
  );
};

async function resetOnServer(
  administration: Administration,
  plan: EnvironmentPlan,
  inputs: NonNullable<Awaited<ReturnType<typeof inputsOf>>>,
  ports: Ports,
) {
  const { app, slug } = plan;
  const { repository, branch, worktree } = plan.identity;
  const name = databaseName(app, slug);
  const { password } = await environmentLogin(administration.kube, plan);
  // It may have other migrations than before: the next `up` has to look.
  await forgetRecord(app, slug);
  const replaced = await progressing(`reset of ${name}`, ports, async (progress) => {
    const { template, work } = await templateWork(administration, inputs, progress);
    const owner = { app, environment: slug, repository, branch, worktree };
    return resetDatabase(administration.server, { name, password, owner, template }, work);
  });
  return {
    text: [
      `the database of ${environmentName(app, slug)} is a new clone of its template: ${made(replaced)}`,
      keptText(replaced),
    ].join('\n'),
    json: { app, environment: slug, database: name, ...replacedDocument(replaced) },
  };
}
