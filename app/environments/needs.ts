import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { excludeFromGit } from '../../git/exclude.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { ensurePlatform } from '../platform/ensure.ts';
import type { Ports } from '../ports.ts';
import type { DesiredEnvironment } from './desired-environment.ts';
import { runSetup } from './setup.ts';

/** Provides what an environment needs before the engine runs: programs, the platform with its parts, `setup:`. */
export async function provideNeeds(
  { source, plan, parts, cluster, programs }: DesiredEnvironment,
  options: { readonly yes: boolean },
  ports: Ports,
): Promise<void> {
  const { phases, screen } = ports;
  if (plan.database?.engine === 'sqlite') await ensurePrograms(['sqlite3'], { progress: screen });
  await phases.measure('platform', () => ensurePlatform(cluster, programs, ports, { needs: parts }));
  await excludeFromGit(source.identity.repository, 'Pulumi.*.yaml');
  await phases.measure('setup', () => setUp(plan, options, ports));
}

function setUp(
  { app, slug, identity, specFolder, setup }: EnvironmentPlan,
  { yes }: { readonly yes: boolean },
  ports: Ports,
): Promise<void> {
  const { repository, worktree } = identity;
  return runSetup({ app, slug, repository, worktree, folder: specFolder, commands: setup }, yes, ports);
}
