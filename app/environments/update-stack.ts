import { connect, unlessGone } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { Annotation } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { hasLostNamespace } from '../clusters/lost-namespace.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import { changesOf, engineUp, misnamedProject, ownProgram, type Program } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { forgetRecord } from '../target/record-file.ts';
import { continueSchedulesOf } from '../workflows/schedules.ts';
import type { ConvergeOptions, DesiredEnvironment } from './desired-environment.ts';

type OurProgram = Promise<typeof import('../../stacks/environment.ts')>;

export interface StackUpdate {
  /** How many resources were created, updated, deleted. */
  readonly changes: Readonly<Record<string, number>>;
  /** The team's own program ran. */
  readonly ownProgram: boolean;
}

/** Starts loading our program, which takes as long as the requests to the cluster that run in parallel. */
export function loadProgram(): OurProgram {
  const program = import('../../stacks/environment.ts');
  // The first failure is reported.
  program.catch(() => {});
  return program;
}

/** Lets the engine update the stack to the plan. Throws what the engine throws. */
export async function updateStack(
  desired: DesiredEnvironment,
  program: OurProgram,
  options: ConvergeOptions,
  ports: Ports,
): Promise<StackUpdate> {
  const { source, plan, cluster, programs } = desired;
  const { app, slug } = plan;
  const stack = { project: app, stack: slug };
  const refresh = async () => {
    const lost = await hasLostNamespace(stack, plan.namespace, cluster, ports);
    const doubtful = !options.healthy && (await readyPlanOf(stack)) !== undefined;
    return options.refresh || lost || doubtful;
  };
  await forgetRecord(app, slug);
  const schedulesPaused = await startIfStopped(plan.namespace, cluster);
  const folder = await programFolder(source.specFolder, app, ports);
  const { state } = await ports.phases.measure('engine', async () => {
    const chosen: Program = folder === undefined ? await inlineProgram(desired, program) : { folder };
    return withTask(ports.screen, `${app}/${slug}`, () =>
      engineUp(stack, chosen, { refresh }, programs, ports),
    );
  });
  if (schedulesPaused) await continueSchedulesOf(await connect(cluster), cluster, plan, ports);
  return { changes: changesOf(state), ownProgram: folder !== undefined };
}

/** Where the team's program is that the engine runs; undefined for ours. */
async function programFolder(
  specFolder: string,
  app: string,
  { screen }: Ports,
): Promise<string | undefined> {
  const project = await ownProgram(specFolder, app);
  const misnamed = await misnamedProject(specFolder, app);
  if (misnamed !== undefined)
    screen.note(
      `the Pulumi project in ${misnamed.folder} is left alone: it is named ${misnamed.name}, and coppice.yaml names ${app}; give both one name`,
    );
  if (project === undefined) return undefined;
  const { folder, runs } = project;
  screen.note(
    runs
      ? `running the program in ${folder}`
      : `the Pulumi project in ${folder} does not call environment() of coppice, so it is left alone`,
  );
  return runs ? folder : undefined;
}

async function inlineProgram(
  { plan, cluster, settings }: DesiredEnvironment,
  program: OurProgram,
): Promise<Program> {
  const { environmentProgram } = await program;
  const { databases, temporal } = settings;
  const managed = { managed: databases?.managed, managedTemporal: temporal?.managed };
  return { inline: environmentProgram({ plan, record: cluster, ...managed }) };
}

/**
 * `wt up` of a stopped environment starts it: otherwise the engine would wait for pods that are scaled to zero. Returns
 * whether Temporal schedules are paused with it, which go on when it is up.
 */
async function startIfStopped(namespace: string, { kubeconfig, context }: ClusterRecord): Promise<boolean> {
  const address = { kubeconfig, context };
  const owner = await unlessGone((await lightKube(address)).core.readNamespace({ name: namespace }));
  // What ends is not started any more.
  if (owner?.metadata?.deletionTimestamp !== undefined) return false;
  const annotations = owner?.metadata?.annotations ?? {};
  if (annotations[Annotation.stopped] !== undefined) {
    const { restoreReplicas } = await import('./replicas.ts');
    await restoreReplicas(await connect(address), namespace);
  }
  return annotations[Annotation.schedulesPaused] !== undefined;
}
