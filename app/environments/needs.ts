import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { excludeFromGit } from '../../git/exclude.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { ensurePlatform } from '../platform/ensure.ts';
import type { Ports } from '../ports.ts';
import { provideSchema } from '../schema-file.ts';
import type { DesiredEnvironment, UpOptions } from './desired-environment.ts';
import { withoutLiveServices } from './live-services.ts';
import { runSetup } from './setup.ts';

/** Provides what an environment needs before the engine runs: programs, the platform with its parts, `setup:`. */
export async function provideNeeds(
  { source, plan, parts, cluster, programs }: DesiredEnvironment,
  options: Pick<UpOptions, 'yes' | 'setup'>,
  ports: Ports,
): Promise<void> {
  const { phases, screen } = ports;
  if (plan.database?.engine === 'sqlite') await ensurePrograms(['sqlite3'], { progress: screen });
  await phases.measure('platform', () => ensurePlatform(cluster, programs, ports, { needs: parts }));
  await excludeFromGit(source.identity.repository, 'Pulumi.*.yaml');
  await provideSchema(source.specFile, source.specFolder);
  await phases.measure('setup', () => setUp(plan, cluster, options, ports));
}

function setUp(
  { app, slug, namespace, identity, specFolder, setup, source }: EnvironmentPlan,
  cluster: ClusterRecord,
  { yes, setup: again }: Pick<UpOptions, 'yes' | 'setup'>,
  ports: Ports,
): Promise<void> {
  const live = { cluster, worktree: identity.worktree, own: namespace };
  return runSetup(
    { app, slug, identity, folder: specFolder, commands: setup },
    { yes, again },
    ports,
    // Pods from an image have files of their own.
    source.kind === 'image' ? undefined : (work) => withoutLiveServices(live, ports, work),
  );
}
