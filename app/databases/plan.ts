import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { clientNames } from '../../resources/database/clients.ts';
import type { DatabaseInputs } from '../../resources/database/contract.ts';
import { databaseInputs } from '../../resources/database/inputs.ts';
import { commandsInCluster, dumpInCluster } from '../../resources/database/run-command.ts';
import { textsOf } from '../../resources/database/texts.ts';
import { serverFacts } from '../../servers/postgres/server.ts';
import { templateRequest } from '../../servers/postgres/templates.ts';
import type { TemplateRequest, Work } from '../../servers/postgres/types.ts';
import { loadWorktree, planWorktree, worktreeIn } from '../../stacks/worktree.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { sourceOf } from '../target/target.ts';
import type { Administration } from './administer.ts';
import { type DumpOptions, provideDump } from './dump-command.ts';

/** The plan from a worktree's current files, as the next `wt up` would have it. Throws what a broken spec throws. */
export async function planOf(
  target: Target,
  record: ClusterRecord,
  dump: DumpOptions,
  ports: Ports,
): Promise<EnvironmentPlan> {
  const { folder, ...name } = await sourceOf(target, ports.cwd);
  const worktree = await loadWorktree(await worktreeIn(folder, name));
  return planWorktree(worktree, record, provideDump(dump, ports));
}

/** The inputs of the resource Database for a plan; undefined when its database is not PostgreSQL. */
export async function inputsOf(
  plan: EnvironmentPlan,
  record: ClusterRecord,
): Promise<DatabaseInputs | undefined> {
  return databaseInputs(plan, record, (await loadSettings()).databases?.managed);
}

/** The template that an environment wants on the connected server, and how its commands are run. */
export async function templateWork(
  { server, reached, kube, signal }: Administration,
  inputs: DatabaseInputs,
  progress: (text: string) => void,
): Promise<{ readonly template: TemplateRequest; readonly work: Work }> {
  const [{ major }, texts] = await Promise.all([serverFacts(server), textsOf(inputs)]);
  const run = commandsInCluster(kube, { inputs, address: reached.address, ssl: reached.login.ssl ?? false });
  return {
    template: templateRequest(inputs.app, inputs.database, major, texts),
    work: {
      run,
      openDump: dumpInCluster(kube, inputs, signal),
      signal,
      progress,
      nameClient: clientNames(kube),
    },
  };
}
