import { loadSettings } from '../../config/settings/settings.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { requireUncontested } from '../../git/contested.ts';
import { takeOverMoved } from '../../git/moved.ts';
import { recordOrigin } from '../../git/origin.ts';
import { partsFor } from '../../platform/parts.ts';
import { requireFreeHosts } from '../../resources/environment/hosts.ts';
import { platformsOf } from '../../stacks/place.ts';
import { filesToWatch, type LoadedWorktree, loadWorktree, planWorktree } from '../../stacks/worktree.ts';
import { ensureCluster } from '../clusters/clusters.ts';
import { callCluster } from '../clusters/connection.ts';
import { requireRoom } from '../clusters/room.ts';
import { provideDump } from '../databases/dump-command.ts';
import { ensureEngine, forgetSalt } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from '../target/ownership.ts';
import { recorded } from '../target/recorded.ts';
import { othersInWorktree, renamedAmong } from './branch-now.ts';
import { contentHash, contentParts } from './content-hash.ts';
import { refuseDatabaseLoss } from './database-loss.ts';
import type { ConvergeOptions, DesiredEnvironment } from './desired-environment.ts';
import { provideNeeds } from './needs.ts';
import type { EnvironmentRecord } from './record.ts';
import { recordResult } from './record-result.ts';
import { renamedFix, renamedWords } from './renamed.ts';
import { refuseTemporalLoss } from './temporal-loss.ts';
import type { UpSource } from './up-source.ts';
import { loadProgram, updateStack } from './update-stack.ts';

export interface Converged {
  readonly record: EnvironmentRecord;
  /** How many resources were created, updated, deleted. */
  readonly changes: Readonly<Record<string, number>>;
}

/** All steps of an `up`: starts what is missing, then lets the engine update the environment to its spec. */
export async function converge(source: UpSource, options: ConvergeOptions, ports: Ports): Promise<Converged> {
  const { phases } = ports;
  const program = loadProgram();
  // First, so that a mistake in the spec costs nothing.
  const worktree = await phases.measure('spec', () => loadWorktree(source));
  await refuseClaimed(source, worktree.spec.name, ports);
  await requireRoom(ports);
  const programs = await phases.measure('toolchain', () => ensureEngine(ports.screen));
  const cluster = await phases.measure('cluster', () => ensureCluster(ports));
  const desired: DesiredEnvironment = {
    source,
    cluster,
    programs,
    settings: await loadSettings(),
    ...(await contentOf(source, worktree, cluster)),
    parts: partsFor(worktree.spec),
    plan: await planWorktree(worktree, cluster, provideDump(options, ports)),
  };
  await callCluster(cluster, () => requireFreeHosts(cluster, desired.plan));
  await refuseLosses(desired, options, ports);
  await provideNeeds(desired, options, ports);
  await recordOrigin({ app: desired.plan.app, slug: desired.plan.slug }, source.identity);
  const { changes, ownProgram } = await updateStack(desired, program, options, ports);
  await forgetSalt(source.specFolder, desired.plan.slug);
  return { record: await recordResult(desired, ownProgram), changes };
}

/** Before anything runs for it: the name may be that of another repository's or branch's environment. Throws COPPICE_CLAIMED. */
async function refuseClaimed(
  { identity, likely: { slug } }: UpSource,
  app: string,
  { screen }: Ports,
): Promise<void> {
  const { repository, branch } = identity;
  const owner = (await recorded(app, slug))?.owner;
  if (owner !== undefined && (await takeOverMoved({ app, slug }, owner, identity)))
    screen.note(
      `${app}/${slug} belonged to ${owner.repository}, which is gone; this repository takes it over`,
    );
  requireOwn({ app, slug, claimant: { repository, branch } }, owner);
  await requireUncontested({ app, slug, identity }, owner);
  for (const note of await notesOnOthers({ app, slug, branch, worktree: identity.worktree }))
    screen.note(note);
}

/** What is said of the environments that other branches brought up from the worktree. */
async function notesOnOthers(here: Parameters<typeof othersInWorktree>[0]): Promise<string[]> {
  const others = await othersInWorktree(here);
  const renamed = await renamedAmong(others, here.worktree);
  return others.map(({ app, slug }) => {
    const name = environmentName(app, slug);
    const gone = renamed.find((one) => one.slug === slug);
    return gone === undefined
      ? `${name} runs the files of this folder too, which is on ${here.branch} now; \`wt down ${name}\` removes it`
      : `${name} runs the files of this folder too; ${renamedWords(gone)}: ${renamedFix(gone)}`;
  });
}

/** Once more, as a cluster that was just started has left a record, which counts. */
async function contentOf(
  source: UpSource,
  worktree: LoadedWorktree,
  cluster: ClusterRecord,
): Promise<Pick<DesiredEnvironment, 'watched' | 'contentHash' | 'content'>> {
  const watched = filesToWatch(worktree, platformsOf(cluster));
  return {
    watched,
    contentHash: await contentHash({ ...source, watched }),
    content: await contentParts({ ...source, watched }),
  };
}

/** Throws COPPICE_DATABASE_LOST, COPPICE_TEMPORAL_LOST. */
async function refuseLosses(
  { plan, cluster, settings }: DesiredEnvironment,
  options: ConvergeOptions,
  ports: Ports,
): Promise<void> {
  const stack = { project: plan.app, stack: plan.slug };
  const { dropTemporal } = options;
  await refuseDatabaseLoss(stack, plan, options);
  const managed = settings.temporal?.managed;
  await refuseTemporalLoss(stack, plan, { cluster, managed, dropTemporal, target: options }, ports);
}
