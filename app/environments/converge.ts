import { connect, unlessGone } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import type { WatchedFiles } from '../../config/files/database.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import { Annotation } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { excludeFromGit } from '../../git/exclude.ts';
import { partsFor } from '../../platform/parts.ts';
import { readyContract } from '../../resources/ready/contract.ts';
import { platformsOf } from '../../stacks/place.ts';
import { filesToWatch, loadWorktree, planWorktree } from '../../stacks/worktree.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { ensureCluster } from '../clusters/clusters.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import { provideDump } from '../databases/dump-command.ts';
import { engineUp } from '../engine/engine.ts';
import { ownProgram as ownProgramFolder } from '../engine/own-program.ts';
import { ensureEngine } from '../engine/programs.ts';
import { changesOf } from '../engine/reduce.ts';
import { forgetSalt } from '../engine/salt.ts';
import { readStack } from '../engine/stack-state.ts';
import { ensurePlatform } from '../platform/ensure.ts';
import type { Ports } from '../ports.ts';
import { shown } from '../screen.ts';
import { forgetRecord } from '../target/record-file.ts';
import type { Target } from '../target/target.ts';
import { keptNamespace, temporalOf } from '../workflows/resource.ts';
import { contentHash } from './content-hash.ts';
import { refuseLostDatabase } from './lost-database.ts';
import { refuseLostTemporal } from './lost-temporal.ts';
import { type EnvironmentRecord, writeRecord } from './record.ts';
import { sortUrls } from './routes.ts';
import { runSetup } from './setup.ts';
import type { Subject } from './subject.ts';

export interface ConvergeOptions extends Target {
  readonly yes: boolean;
  readonly refresh: boolean;
  /** What the last `up` made is all there and answers. */
  readonly healthy: boolean;
  /** Deletes the database of an environment whose spec has none any more, or one on another server. */
  readonly dropDatabase: boolean;
  /** Deletes its Temporal namespace, though workflows run in it, in the same case. */
  readonly dropTemporal: boolean;
}

export interface Converged {
  readonly record: EnvironmentRecord;
  /** How many resources were created, updated, deleted. */
  readonly changes: Readonly<Record<string, number>>;
}

/** The whole way of an `up`: what is missing is started, then the engine makes the environment what its spec says. */
export async function converge(subject: Subject, options: ConvergeOptions, ports: Ports): Promise<Converged> {
  const { phases, screen } = ports;
  // Loaded while the cluster is asked.
  const program = import('../../stacks/environment.ts');
  // Whoever fails first is reported.
  program.catch(() => {});
  // First, so that a mistake in the spec costs nothing.
  const worktree = await phases.measure('spec', () => loadWorktree(subject));
  const programs = await phases.measure('toolchain', () => ensureEngine(screen));
  const cluster = await phases.measure('cluster', () => ensureCluster(ports));
  // Again, as a cluster that was started just now has left a record, which counts.
  const watched = filesToWatch(worktree, platformsOf(cluster));
  const content = await contentHash({ ...subject, watched });
  const plan = await planWorktree(worktree, cluster, provideDump(options, ports));
  const stack = { project: plan.app, stack: plan.slug };
  await refuseLostDatabase(stack, plan, options);
  const settings = await loadSettings();
  const { dropTemporal } = options;
  const change = { cluster, managed: settings.temporal?.managed, dropTemporal, target: options };
  await refuseLostTemporal(stack, plan, change, ports);
  const needs = partsFor(plan);
  if (plan.database?.engine === 'sqlite') await ensurePrograms(['sqlite3'], { progress: screen });
  await phases.measure('platform', () => ensurePlatform(cluster, programs, ports, { needs }));
  await excludeFromGit(subject.identity.repository, 'Pulumi.*.yaml');
  await phases.measure('setup', () => setUp(plan, options, ports));

  const before = await readyPlanOf(stack);
  const refresh = options.refresh || (before !== undefined && !options.healthy);
  await forgetRecord(plan.app, plan.slug);
  await wakeStopped(plan, cluster);
  const own = await ownProgramFolder(subject.specFolder, plan.app);
  if (own !== undefined) screen.note(`running the program in ${own}`);
  const outcome = await phases.measure('engine', async () => {
    const { environmentProgram } = await program;
    const { databases, temporal } = settings;
    const managed = { managed: databases?.managed, managedTemporal: temporal?.managed };
    const inline = environmentProgram({ plan, record: cluster, ...managed });
    const made = own === undefined ? { inline } : { folder: own };
    return shown(screen, `${plan.app}/${plan.slug}`, () =>
      engineUp(stack, made, { refresh }, programs, ports),
    );
  });
  await forgetSalt(subject.specFolder, plan.slug);
  return {
    record: await remember({ ...subject, contentHash: content }, watched, plan, cluster, own !== undefined),
    changes: changesOf(outcome.state),
  };
}

function setUp(
  { app, slug, identity, specFolder, setup }: EnvironmentPlan,
  { yes }: ConvergeOptions,
  ports: Ports,
) {
  const { repository, worktree } = identity;
  return runSetup({ app, slug, repository, worktree, folder: specFolder, commands: setup }, yes, ports);
}

/** `wt up` of a stopped environment starts it: else the engine would wait for pods that nobody wants. */
async function wakeStopped(
  { namespace }: EnvironmentPlan,
  { kubeconfig, context }: ClusterRecord,
): Promise<void> {
  const address = { kubeconfig, context };
  const owner = await unlessGone((await lightKube(address)).core.readNamespace({ name: namespace }));
  if (owner?.metadata?.annotations?.[Annotation.stopped] === undefined) return;
  const { startStopped } = await import('./stopped.ts');
  await startStopped(await connect(address), namespace);
}

async function remember(
  { contentHash, identity }: Subject,
  watched: WatchedFiles,
  plan: EnvironmentPlan,
  cluster: ClusterRecord,
  ownProgram: boolean,
): Promise<EnvironmentRecord> {
  const { app, slug } = plan;
  const stack = { project: app, stack: slug };
  const ready = await readyPlanOf(stack);
  const temporal = keptNamespace(temporalOf(await readStack(stack)), cluster);
  if (!ready) throw new Error(`the stack ${app}/${slug} has no resource ${readyContract.token} after an up`);
  const record: EnvironmentRecord = {
    contentHash,
    app,
    slug,
    branch: identity.branch,
    worktree: identity.worktree,
    commit: identity.commit,
    ownProgram,
    watched,
    ready,
    ...(temporal && { temporal }),
    urls: sortUrls(plan.routes.map(({ service, url }) => ({ service, url }))),
    upAt: new Date().toISOString(),
  };
  await writeRecord(record);
  return record;
}
