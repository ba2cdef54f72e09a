import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { ownClients } from '../../resources/database/clients.ts';
import {
  listSnapshots,
  removeSnapshot,
  type Snapshot,
  takeSnapshot,
} from '../../servers/postgres/snapshots.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import type { EnvironmentName, Target } from '../target/target.ts';
import { onDatabase } from './administer.ts';
import { repositoryOf } from './owner.ts';
import { type ReplaceOptions, sayPaused } from './replace.ts';

/** A snapshot that was just taken, and how the database was copied for it. */
export interface TakenSnapshot extends Awaited<ReturnType<typeof takeSnapshot>> {
  readonly environment: EnvironmentName;
  /** The database that was copied. */
  readonly of: string;
}

/** Throws COPPICE_DATABASE_IN_USE unless `force` allows disconnecting programs, and what reaching throws. */
export function snapshot(
  target: Target,
  { name, endSessions, force }: { readonly name: string } & Pick<ReplaceOptions, 'endSessions' | 'force'>,
  ports: Ports,
): Promise<TakenSnapshot> {
  return onDatabase(target, ports, async ({ server, kube, database, environment }) => {
    const own = await ownClients(kube, environment.namespace);
    const may = { force: force || endSessions, own };
    await sayPaused(server, database, may, ports);
    return withTask(ports.screen, `snapshot ${name}`, async () => ({
      ...(await takeSnapshot(server, { database, name, ...may })),
      environment,
      of: database,
    }));
  });
}

export interface RemovedSnapshot {
  readonly environment: EnvironmentName;
  readonly of: string;
}

/** Throws COPPICE_NO_SNAPSHOT, and what reaching throws. */
export function dropSnapshot(target: Target, name: string, ports: Ports): Promise<RemovedSnapshot> {
  return onDatabase(target, ports, async ({ server, database, environment }) => {
    const { app, slug } = environment;
    const owner = await repositoryOf(ports.cwd);
    if (!(await removeSnapshot(server, { database, name, ...defined({ owner }) })))
      throw new CoppiceError('COPPICE_NO_SNAPSHOT', `${environmentName(app, slug)} has no snapshot ${name}`, {
        hint: 'wt db snapshots',
      });
    return { environment, of: database };
  });
}

/** All snapshots of one environment's database. */
export function snapshots(
  target: Target,
  ports: Ports,
): Promise<{ readonly environment: EnvironmentName; readonly found: readonly Snapshot[] }> {
  return onDatabase(target, ports, async ({ server, database, environment }) => ({
    environment,
    found: await listSnapshots(server, database),
  }));
}
