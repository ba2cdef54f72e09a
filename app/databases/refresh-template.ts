import { rebuildTemplate, type Template } from '../../servers/postgres/templates.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { onServer } from './administer.ts';
import { noDatabaseError } from './environment-login.ts';
import { inputsOf, planOf, templateWork } from './plan.ts';
import { sqliteError } from './server-place.ts';

export interface RefreshedTemplate extends Template {
  readonly app: string;
}

/**
 * Rebuilds the template of a worktree's spec; `yes` runs a dump command without asking. Throws COPPICE_SQLITE,
 * COPPICE_NO_DATABASE, COPPICE_NOT_CONFIRMED, and what the build throws.
 */
export async function refreshTemplate(
  target: Target,
  { yes }: { readonly yes: boolean },
  ports: Ports,
): Promise<RefreshedTemplate> {
  await nameEnvironment(target, ports.cwd);
  const record = await requireClusterRecord();
  const plan = await planOf(target, record, { yes, refresh: true }, ports);
  if (plan.database?.engine === 'sqlite') throw sqliteError(plan, plan.database.file);
  const inputs = await inputsOf(plan, record);
  if (inputs === undefined) throw noDatabaseError(plan);
  return onServer(
    () => inputs.server,
    ports,
    (administration) =>
      withTask(ports.screen, `template of ${plan.app}`, async (progress) => {
        const { template, work } = await templateWork(administration, inputs, progress);
        return { ...(await rebuildTemplate(administration.server, template, work)), app: plan.app };
      }),
  );
}
