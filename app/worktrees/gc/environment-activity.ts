import type { Kube } from '../../../cluster/kube/client.ts';
import { databaseName, environmentName, namespaceName } from '../../../core/names.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import type { DatabaseInputs } from '../../../resources/database/contract.ts';
import type { TemporalOutputs } from '../../../resources/temporal-namespace/contract.ts';
import type { Known } from '../../activity/known.ts';
import { allTouches, type Touch } from '../../activity/touch.ts';
import { connectCluster } from '../../clusters/connection.ts';
import { databaseOf } from '../../databases/kept-database.ts';
import { readStack } from '../../engine/index.ts';
import type { Ports } from '../../ports.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import { lastRequests, requestTouches } from '../../telemetry/requests.ts';
import { onTemporal } from '../../workflows/connect.ts';
import { temporalOf, temporalPlace } from '../../workflows/resource.ts';
import { countRunning } from '../../workflows/running.ts';
import { attempt } from './attempt.ts';

/** What goes on in an environment, as its servers know it. */
export interface Activity {
  readonly workflows: Known<number>;
  readonly touches: Known<readonly Touch[]>;
}

/** What the state of an environment says that it has. */
interface Parts {
  readonly database?: DatabaseInputs;
  readonly temporal?: TemporalOutputs;
}

/**
 * Asks the servers of all environments: one connection for each database server, one for each Temporal namespace, and one
 * question about everybody's requests. `up`: whether the cluster answers; without it only an environment without
 * database and workflows is known, where telemetry has not joined.
 */
export async function activityOf(
  environments: readonly RecordedEnvironment[],
  up: boolean,
  ports: Ports,
): Promise<(environment: RecordedEnvironment) => Activity> {
  const parts = new Map<string, Known<Parts>>();
  for (const { app, slug } of environments)
    parts.set(environmentName(app, slug), await attempt(() => partsOf(app, slug)));
  const asked = [...parts.values()].flatMap((known) => ('value' in known ? [known.value] : []));
  const isNeeded = up && asked.some(({ database, temporal }) => database ?? temporal);
  const connection = isNeeded ? await attempt(() => connectCluster()) : undefined;
  const cluster: Known<Cluster> =
    connection === undefined
      ? { unknown: 'the cluster does not answer' }
      : 'value' in connection
        ? { value: { ...connection.value, ports } }
        : connection;
  const [writes, requests] = await Promise.all([lastWrites(asked, cluster), lastRequests(up)]);
  const found = await Promise.all(
    environments.map(async ({ app, slug }) => {
      const name = environmentName(app, slug);
      const requested = requestTouches(requests, namespaceName(app, slug));
      return [name, await activity(parts.get(name), { writes, requested, cluster })] as const;
    }),
  );
  const byName = new Map(found);
  return ({ app, slug }) => byName.get(environmentName(app, slug)) ?? unread('it was not looked at');
}

interface Cluster {
  readonly kube: Kube;
  readonly record: ClusterRecord;
  readonly ports: Ports;
}

async function partsOf(app: string, slug: string): Promise<Parts> {
  const state = await readStack({ project: app, stack: slug });
  const [database, temporal] = [databaseOf(state), temporalOf(state)];
  return { ...(database && { database }), ...(temporal && { temporal }) };
}

function unread(why: string): Activity {
  return { workflows: { unknown: why }, touches: { unknown: why } };
}

/** What was asked once for all environments. */
interface Sources {
  readonly writes: Writes;
  /** The environment's own. */
  readonly requested: Known<readonly Touch[]>;
  readonly cluster: Known<Cluster>;
}

async function activity(
  parts: Known<Parts> | undefined,
  { writes, requested, cluster }: Sources,
): Promise<Activity> {
  if (parts === undefined || 'unknown' in parts) return unread(parts?.unknown ?? 'it was not looked at');
  const { database, temporal } = parts.value;
  const inDatabase = database === undefined ? nothing : writes(database);
  if (temporal === undefined) return { workflows: { value: 0 }, touches: allTouches(inDatabase, requested) };
  if ('unknown' in cluster) return unread(cluster.unknown);
  const [workflows, latest] = await Promise.all([
    running(temporal, cluster.value),
    attempt(() => latestWorkflows(temporal, cluster.value)),
  ]);
  return { workflows, touches: allTouches(inDatabase, latest, requested) };
}

const nothing: Known<readonly Touch[]> = { value: [] };

type Writes = (database: DatabaseInputs) => Known<readonly Touch[]>;

/** When each database was written to last; the servers are asked one after the other, each once. */
async function lastWrites(parts: readonly Parts[], cluster: Known<Cluster>): Promise<Writes> {
  const databases = parts.flatMap(({ database }) => database ?? []);
  if (databases.length === 0) return () => nothing;
  if ('unknown' in cluster) return () => cluster;
  const servers = new Map<string, Known<ReadonlyMap<string, number>>>();
  for (const { server } of databases) {
    const key = JSON.stringify(server);
    if (!servers.has(key)) servers.set(key, await attempt(() => writesOn(server, databases, cluster.value)));
  }
  const now = Date.now();
  return ({ server, app, environment }) => {
    const ages = servers.get(JSON.stringify(server));
    if (ages === undefined || 'unknown' in ages) return { unknown: ages?.unknown ?? 'it was not asked' };
    const age = ages.value.get(databaseName(app, environment));
    return age === undefined ? nothing : { value: [{ by: 'database', at: now - age }] };
  };
}

async function writesOn(
  server: DatabaseInputs['server'],
  databases: readonly DatabaseInputs[],
  { kube }: Cluster,
): Promise<ReadonlyMap<string, number>> {
  const [{ withServer }, { sinceLastWrites }] = await Promise.all([
    import('../../../servers/postgres/reach.ts'),
    import('../../../servers/postgres/server.ts'),
  ]);
  const names = databases.map(({ app, environment }) => databaseName(app, environment));
  const found = await withServer(kube, { server }, AbortSignal.timeout(SERVER_MS), (connected) =>
    sinceLastWrites(connected, names),
  );
  if (found === undefined)
    throw new Error('the login of the database server may not see when its files were written');
  return found;
}

/** Milliseconds for everything that one database server is asked. */
const SERVER_MS = 10_000;

async function running(inputs: TemporalOutputs, { kube, record, ports }: Cluster): Promise<Known<number>> {
  const counted = await attempt(() => countRunning(kube, record, inputs, ports));
  if ('unknown' in counted) return counted;
  const found = counted.value;
  return found.kind === 'counted' ? { value: found.count } : { unknown: found.why };
}

/** The start and the end of the workflow that began last; one that still runs keeps the environment anyway. */
async function latestWorkflows(
  inputs: TemporalOutputs,
  { kube, record, ports }: Cluster,
): Promise<readonly Touch[]> {
  const { executions } = await import('../../../servers/temporal/workflows.ts');
  const { namespace } = inputs.temporal;
  const found = await onTemporal(kube, temporalPlace(inputs, record), ports, (temporal) =>
    executions(temporal, namespace, '', LATEST),
  );
  const times = found.flatMap(({ startTime, closeTime }) => [startTime, closeTime]);
  return times.flatMap((time) =>
    time ? [{ by: 'workflow' as const, at: Number(time.seconds) * 1000 + (time.nanos ?? 0) / 1e6 }] : [],
  );
}

/** The server lists those first that are open, then those that closed last. */
const LATEST = 20;
