import type { Kube } from '../../cluster/kube/client.ts';
import { interruptible } from '../../core/interrupts.ts';
import { databaseName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { clientNames } from '../../resources/database/clients.ts';
import { presentClone } from '../../servers/postgres/databases.ts';
import type { PostgresPlace } from '../../servers/postgres/place.ts';
import { type ReachedServer, withServer } from '../../servers/postgres/reach.ts';
import { type Server, whileWatched } from '../../servers/postgres/server.ts';
import { type Connection, callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from '../target/ownership.ts';
import type { Target } from '../target/target.ts';
import { type EnvironmentName, nameEnvironment } from '../target/target.ts';
import { databasePlace } from './server-place.ts';

/** What a verb works with while it is connected to a database server. */
export interface Administration {
  /** Connected with a login that may create and drop databases. */
  readonly server: Server;
  readonly reached: ReachedServer;
  readonly kube: Kube;
  readonly record: ClusterRecord;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

/** The database of one environment, as its administrator. */
export interface Administered extends Administration {
  readonly environment: EnvironmentName;
  /** Name of its database, and of its login role. */
  readonly database: string;
}

/** Runs `work` on the server of an environment's database. Throws what naming, reaching and connecting throw. */
export async function onDatabase<T>(
  target: Target,
  ports: Ports,
  work: (administered: Administered) => Promise<T>,
): Promise<T> {
  const environment = await nameEnvironment(target, ports.cwd);
  const database = databaseName(environment.app, environment.slug);
  return onServer(
    (record) => databasePlace(environment, record),
    ports,
    async (administration) => {
      requireOwn(environment, await presentClone(administration.server, database));
      return work({ ...administration, environment, database });
    },
  );
}

/** Runs `work` on one database server. Ctrl+C ends its statements. */
export async function onServer<T>(
  place: (record: ClusterRecord) => PostgresPlace | Promise<PostgresPlace>,
  ports: Ports,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  return onServerIn(await connectCluster(), place, ports, work);
}

/** The same with a cluster connection. */
async function onServerIn<T>(
  { kube, record }: Connection,
  place: (record: ClusterRecord) => PostgresPlace | Promise<PostgresPlace>,
  ports: Ports,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  return interruptible(ports.interrupts, (signal) =>
    callCluster(record, async () =>
      withServer(kube, { server: await place(record) }, signal, (server, reached) =>
        whileWatched(
          server,
          {
            waiter: { pid: server.pid },
            nameClient: clientNames(kube),
            onBlocked: (text) => ports.screen.note(text),
          },
          () => work({ server, reached, kube, record, signal }),
        ),
      ),
    ),
  );
}
