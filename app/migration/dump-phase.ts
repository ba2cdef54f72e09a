import { connect, type Kube } from '../../cluster/kube/client.ts';
import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { messageOf } from '../../core/errors.ts';
import { sizeOf } from '../../core/files.ts';
import { Label } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { size } from '../../core/text/size.ts';
import { waitUntilReady } from '../../resources/ready/wait.ts';
import { type CloneMark, marks } from '../../servers/postgres/databases.ts';
import { inventory } from '../../servers/postgres/inventory.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { allowLogin, dumpForTransfer, type TransferredDatabase } from '../../servers/postgres/transfer.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import { restoreReplicas, scaleToZero } from '../environments/replicas.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { dumpDatabase } from './dump-file.ts';
import { locate, stackedEnvironments } from './environments.ts';
import {
  dumpPath,
  type Journal,
  type MovedDatabase,
  type MovedEnvironment,
  writeJournal,
} from './journal.ts';
import type { MigrationPlan, PlannedDatabase } from './plan.ts';

/** Milliseconds until the old services must be ready again. */
const PATIENCE_MS = 300_000;

export function kubeOf({ kubeconfig, context }: ClusterRecord): Promise<Kube> {
  return connect({ kubeconfig, context });
}

/** Examines everything in the cluster to be left; changes nothing. `before`: journal of an interrupted run. */
export async function planMigration(
  { from, to }: Pick<Journal, 'from' | 'to'>,
  record: ClusterRecord,
  before: Journal | undefined,
  signal: AbortSignal,
): Promise<MigrationPlan> {
  const kube = await kubeOf(record);
  const stacked = await stackedEnvironments();
  const environments = await Promise.all(
    stacked.map((environment) => locate(environment, kube, before?.environments)),
  );
  const temporal = stacked
    .filter((environment) => environment.temporal)
    .map(({ claim }) => environmentName(claim.app, claim.slug));
  return { from, to, environments, temporal, ...(await onServer(kube, record, signal)) };
}

async function onServer(
  kube: Kube,
  record: ClusterRecord,
  signal: AbortSignal,
): Promise<Pick<MigrationPlan, 'databases' | 'left'>> {
  if (!(await readPlatformParts()).postgres) return { databases: [], left: { snapshots: 0, templates: 0 } };
  const { databases } = await withServer(kube, { server: platformPlace(record) }, signal, inventory);
  const count = (kind: string) => databases.filter(({ mark }) => mark?.kind === kind).length;
  return {
    databases: databases.flatMap(({ name, mark, bytes = 0, broken }): PlannedDatabase[] =>
      mark?.kind === 'clone' && !broken ? [{ name, mark: mark as CloneMark, bytes }] : [],
    ),
    left: { snapshots: count('snapshot'), templates: count('template') },
  };
}

/** Removes all pods of every environment, so that none can write rows that the dumps lack. */
export async function stopEnvironments(
  environments: readonly MovedEnvironment[],
  record: ClusterRecord,
  { screen }: Ports,
): Promise<void> {
  const kube = await kubeOf(record);
  if (environments.length === 0) return;
  // Also those that are stopped: an interrupted stop or start has left pods.
  await withTask(screen, 'stopping the services', () =>
    Promise.all(
      environments.map(async ({ namespace }) => {
        await scaleToZero(kube, namespace);
        await untilNoPods(kube, namespace, { labelSelector: Label.service });
      }),
    ),
  );
}

/** Dumps every database beside the journal; returns the journal with all of them. */
export async function dumpDatabases(
  journal: Journal,
  databases: readonly PlannedDatabase[],
  record: ClusterRecord,
  signal: AbortSignal,
  { screen }: Ports,
): Promise<Journal> {
  const id = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const dumped: MovedDatabase[] = [];
  if (databases.length > 0) {
    const kube = await kubeOf(record);
    await withServer(kube, { server: platformPlace(record) }, signal, async (server, { login }) => {
      for (const database of databases) {
        const file = dumpPath(id, database.name);
        const task = screen.start(`dumping ${database.name}`);
        try {
          const progress = (bytes: number) => task.update(size(bytes));
          const taken: TransferredDatabase = await dumpForTransfer(server, database, (snapshot) =>
            dumpDatabase(kube, { database: database.name, login, snapshot, file, progress, signal }),
          );
          task.done(size(await sizeOf(file)));
          dumped.push({ ...taken, file, restored: false });
          await writeJournal({ ...journal, databases: dumped });
        } catch (error) {
          task.fail(messageOf(error));
          throw error;
        }
      }
    });
  }
  const complete: Journal = { ...journal, phase: 'switching', databases: dumped };
  await writeJournal(complete);
  return complete;
}

/**
 * Undoes the stop: database logins are allowed again, and every environment that ran is started. Services that do not
 * become ready are reported.
 */
export async function resume(
  { environments }: Pick<Journal, 'environments'>,
  record: ClusterRecord,
  { screen }: Ports,
): Promise<void> {
  const kube = await kubeOf(record);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if ((await readPlatformParts()).postgres) {
    await withServer(kube, { server: platformPlace(record) }, signal, async (server) => {
      for (const { name, mark } of await marks(server))
        if (mark?.kind === 'clone') await allowLogin(server, name);
    });
  }
  const running = environments.filter(({ stopped }) => !stopped);
  if (running.length === 0) return;
  await withTask(screen, 'starting the services again', () =>
    Promise.all(
      running.map(async ({ app, slug, namespace }) => {
        await restoreReplicas(kube, namespace);
        const plan = await readyPlanOf({ project: app, stack: slug });
        if (plan === undefined) return;
        await waitUntilReady(kube, plan, signal).catch((error: unknown) =>
          screen.note(`${environmentName(app, slug)}: ${messageOf(error)}`),
        );
      }),
    ),
  );
}
