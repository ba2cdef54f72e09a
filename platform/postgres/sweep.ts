import { joinSweeps, type SweepResult, sweepResult } from '../../core/sweep.ts';
import { removeOrphans, removeTemplates } from '../../servers/postgres/inventory.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import type { Server } from '../../servers/postgres/server.ts';
import type { KnownEnvironments, Sweep } from '../context.ts';
import { findDatabaseLeftovers, orphanLeftover, templateLeftover } from './leftovers.ts';

/**
 * Removes what crashes and removed worktrees left on the platform's server, and unused templates. Databases with
 * sessions stay.
 */
export const sweepDatabases: Sweep = ({ kube, record, signal, environments }) =>
  withServer(kube, { server: platformPlace(record) }, signal, (server) => sweep(server, environments));

/** The same on a connected server. */
export async function sweep(
  server: Server,
  environments: KnownEnvironments,
  now: Date = new Date(),
): Promise<SweepResult> {
  const { orphans, templates } = await findDatabaseLeftovers(server, environments, now);
  return joinSweeps([
    sweepResult(await removeOrphans(server, orphans), (orphan) => ({
      ...orphanLeftover(orphan),
      action: orphan.kind === 'closed' ? 'opened' : 'removed',
    })),
    sweepResult(await removeTemplates(server, templates), (template) => ({
      ...templateLeftover(template),
      action: 'removed',
    })),
  ]);
}
