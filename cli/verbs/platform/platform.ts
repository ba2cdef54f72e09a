import { ensureCluster, requireCluster } from '../../../app/clusters/clusters.ts';
import { reaching } from '../../../app/clusters/connection.ts';
import { ensureEngine } from '../../../app/engine/programs.ts';
import { changesOf } from '../../../app/engine/reduce.ts';
import { look } from '../../../app/environments/check-ready.ts';
import { readyPlanOf } from '../../../app/environments/ready-plan.ts';
import { sweepAfterRestart } from '../../../app/platform/after-restart.ts';
import {
  isPlatformUp,
  platformConverge,
  platformDestroy,
  platformStackName,
} from '../../../app/platform/ensure.ts';
import { partsAskedFor } from '../../../app/platform/parts.ts';
import type { Command } from '../../../app/ports.ts';
import { assertSameCluster } from '../../../cluster/identity.ts';
import { ExitCode } from '../../../core/errors.ts';
import { addPlatformParts } from '../../../core/state/platform-parts.ts';
import { duration } from '../../../core/text/duration.ts';
import { table } from '../../ui/table.ts';

type Nothing = Readonly<Record<string, never>>;

export interface PlatformUpArgs {
  /** A part that it shall have, by name. */
  readonly with: string | undefined;
}

export const platformUp: Command<PlatformUpArgs> = async (args, ports) => {
  const { phases } = ports;
  const needs = await partsAskedFor(args.with, ports.cwd);
  const programs = await phases.measure('toolchain', () => ensureEngine(ports.screen));
  const cluster = await phases.measure('cluster', () => ensureCluster(ports));
  const parts = Object.keys(await addPlatformParts(needs));
  const unchanged = await phases.measure('look', () => isPlatformUp(cluster));
  const changes = unchanged
    ? {}
    : await phases.measure('platform', async () =>
        changesOf((await platformConverge(cluster, programs, ports)).state),
      );
  if (unchanged) await phases.measure('sweep', () => sweepAfterRestart(cluster, ports));
  const what = parts.length > 0 ? `is up with ${parts.join(', ')}` : 'is up';
  return {
    text: `the platform ${what}${unchanged ? ', nothing changed' : ''} (${duration(phases.total)})`,
    json: { unchanged, parts, changes, timings: phases.list },
  };
};

export const platformDown: Command<Nothing> = async (_, ports) => {
  const { phases } = ports;
  const cluster = await requireCluster();
  const programs = await phases.measure('toolchain', () => ensureEngine(ports.screen));
  const outcome = await phases.measure('platform', () =>
    reaching(cluster, async () => {
      await assertSameCluster(cluster);
      return platformDestroy(programs, ports);
    }),
  );
  const what = outcome ? `removed the platform in ${duration(phases.total)}` : 'the platform was not up';
  return { text: what, json: { removed: outcome !== undefined, timings: phases.list } };
};

export const platformStatus: Command<Nothing> = async () => {
  const cluster = await requireCluster();
  const plan = await readyPlanOf(platformStackName);
  if (!plan) {
    return {
      text: 'the platform is not up\n  try: wt platform up',
      json: { state: 'absent', services: [], routes: [] },
      exitCode: ExitCode.problem,
    };
  }
  const { ready, services, routes } = await reaching(cluster, () => look(plan));
  const rows = [
    ...services.map(({ name, state, reason }) => [name, state, reason ?? '']),
    ...routes.map(({ host, path, ready, reason }) => [
      `http://${host}${path}`,
      ready ? 'ready' : 'failing',
      reason ?? '',
    ]),
  ];
  return {
    text: [
      `the platform is ${ready ? 'up' : 'not ready'}, port ${cluster.http.port}`,
      table(rows, '  '),
    ].join('\n'),
    json: { state: ready ? 'up' : 'failing', port: cluster.http.port, services, routes },
    exitCode: ready ? ExitCode.ok : ExitCode.problem,
  };
};
