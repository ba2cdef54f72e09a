import { joinSweeps, type SweepResult, sweepResult } from '../../core/sweep.ts';
import { removeOrphans, removeTemplates } from '../../servers/postgres/inventory.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import type { Server } from '../../servers/postgres/server.ts';
import { connectTo } from '../clusters/connection.ts';
import type { Sweep } from '../sweep.ts';
import { type Witnesses, witnessesOf } from '../target/existing.ts';
import { onServerIn } from './administer.ts';
import { findDatabaseLeftovers, orphanLeftover, templateLeftover } from './leftovers.ts';

/**
 * Removes what crashes and removed worktrees left on the platform's server, and templates that nothing uses. Databases
 * with sessions stay.
 */
export const sweepDatabases: Sweep = async (record, ports) =>
  onServerIn(await connectTo(record), platformPlace, ports, ({ server, kube }) =>
    sweep(server, witnessesOf(kube)),
  );

/** The same on a server that is connected. */
export async function sweep(
  server: Server,
  witnesses: Witnesses,
  now: Date = new Date(),
): Promise<SweepResult> {
  const { orphans, templates } = await findDatabaseLeftovers(server, witnesses, now);
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
