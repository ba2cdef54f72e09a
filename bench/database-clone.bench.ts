import { setTimeout as timeout } from 'node:timers/promises';
import { connect } from '../cluster/kube/client.ts';
import { readClusterRecord } from '../core/state/cluster-record.ts';
import type { DatabaseInputs } from '../resources/database/contract.ts';
import { database } from '../resources/database/handler.ts';
import type { Server } from '../servers/postgres/connection/server.ts';
import { inventory } from '../servers/postgres/inventory/inventory.ts';
import { withServer } from '../servers/postgres/reach.ts';
import { kubectl, wtOk } from '../test/e2e/harness.ts';
import { median, report, timed } from './measure.ts';
import { latenciesWhile, percentile, pgbenchPlan, pgbenchTemplate, runPostgres, settle } from './pgbench.ts';

const runs = 9;
const app = 'bench';
const scales = { '8 MB': 0, '160 MB': 10, '1.5 GB': 100 };

await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up', '--with', 'postgres']);
const record = await readClusterRecord();
if (!record?.postgres) throw new Error('the cluster publishes no PostgreSQL');
const kube = await connect(record);
const signal = new AbortController().signal;
const namespace = 'bench-databases';
await kubectl('create', 'namespace', namespace);

/** The inputs that an environment's program passes to the resource. */
function inputsOf(environment: string, scale: number): DatabaseInputs {
  const { kubeconfig, context, uid } = record as NonNullable<typeof record>;
  return {
    kubeconfig,
    context,
    cluster: uid,
    namespace,
    app,
    environment,
    uid: 0,
    gid: 0,
    server: { kind: 'platform', port: record?.postgres?.port ?? 0 },
    repository: '/bench/.git',
    branch: environment,
    worktree: '/bench',
    folder: '/bench',
    source: { kind: 'image' },
    database: pgbenchPlan(app, environment, scale),
  };
}

async function create(environment: string, scale: number) {
  const inputs = inputsOf(environment, scale);
  const { id, outputs } = await database.create(inputs, { signal });
  return { outputs, remove: () => database.delete(id, outputs, { signal }) };
}

const spread = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  max: Math.max(...values),
});

const megabytesUsed = async (server: Server) => {
  await server.query('CHECKPOINT');
  const { disk } = await inventory(server);
  if (!disk) throw new Error('the server does not tell how much of its disk is used');
  return disk.used / 1e6;
};

await withServer(kube, inputsOf('any', 1), signal, async (server) => {
  const ours: Record<string, number[]> = {};
  const createdb: Record<string, number[]> = {};
  const inside: Record<string, unknown[]> = {};
  for (const [size, scale] of Object.entries(scales)) {
    const { template } = await pgbenchTemplate(server, app, scale);
    ours[size] = [];
    createdb[size] = [];
    inside[size] = [];
    for (let index = 0; index < runs; index++) {
      let created: Awaited<ReturnType<typeof create>> | undefined;
      ours[size].push(
        await timed(async () => {
          created = await create(`run-${index}`, scale);
        }),
      );
      inside[size].push({ strategy: created?.outputs.strategy, milliseconds: created?.outputs.milliseconds });
      createdb[size].push(
        await timed(() => runPostgres('createdb', ['-T', template.name, 'plain'], server.login)),
      );
      await created?.remove();
      await server.query('DROP DATABASE plain');
      await settle(server);
    }
  }

  const before = await megabytesUsed(server);
  const fifty: Awaited<ReturnType<typeof create>>[] = [];
  const fiftyMilliseconds = await timed(async () => {
    const wanted = Array.from({ length: 50 }, (_, index) => `fifty-${index}`);
    const makeTheRest = async () => {
      for (let name = wanted.pop(); name !== undefined; name = wanted.pop())
        fifty.push(await create(name, 100));
    };
    await Promise.all(Array.from({ length: 5 }, makeTheRest));
  });
  const megabytesEach = ((await megabytesUsed(server)) - before) / 50;
  const logicalGigabytes = await server.query<{ bytes: number }>(
    String.raw`SELECT sum(pg_database_size(oid))::float8 AS bytes FROM pg_database WHERE datname LIKE 'wt\_bench\_\_fifty%'`,
  );
  for (const { remove } of fifty) await remove();

  const neighbour = { rate: 300, seconds: 30 };
  await server.query('CREATE DATABASE neighbour');
  await runPostgres('pgbench', ['-i', '-q', '-s', '10', 'neighbour'], server.login);
  const idle = await latenciesWhile(server.login, 'neighbour', neighbour, async () => {});
  /** The next one starts that long after the last, or at once if that took longer. */
  const cloningEvery = (milliseconds: number) =>
    latenciesWhile(server.login, 'neighbour', neighbour, async (running) => {
      while (running()) {
        const pause = timeout(milliseconds);
        const { remove } = await create(`neighbour-${clones}`, 100);
        clones += 1;
        await remove();
        await pause;
      }
    });
  let clones = 0;
  const cloning = await cloningEvery(1000);
  const clonesEachSecond = clones;
  const storm = await cloningEvery(0);
  await server.query('DROP DATABASE neighbour WITH (FORCE)');
  const { facts } = await inventory(server);

  const of = (all: Record<string, number[]>, size: string) => median(all[size] ?? []);
  const series = Object.fromEntries(
    Object.keys(scales).flatMap((size) => [
      [`resource ${size}`, { unit: 'ms' as const, runs: ours[size] ?? [] }],
      [`createdb -T ${size}`, { unit: 'ms' as const, runs: createdb[size] ?? [] }],
    ]),
  );
  report({
    name: 'database-clone',
    method:
      "The platform's PostgreSQL on a file system that shares blocks, fsync on. create of the resource coppice:index:Database in this process (connections, role, rights and the Secret for the pods included; the engine's own start is not) against `createdb -T` of the same template in the same run, alternating, the disk synced in between; 50 more, five at a time; 300 transactions a second of pgbench on another database of the server, alone, while a database of 1.5 GB is created and deleted every second, and without a pause between them.",
    series,
    reach: [
      { what: 'resource 1.5 GB, median ms', value: of(ours, '1.5 GB'), bound: 150 },
      {
        what: 'resource / createdb -T, 1.5 GB (1/20)',
        value: of(ours, '1.5 GB') / of(createdb, '1.5 GB'),
        bound: 0.05,
      },
      { what: '50 databases of 1.5 GB, seconds', value: fiftyMilliseconds / 1000, bound: 5 },
      { what: 'disk of each of them, MB', value: megabytesEach, bound: 0.2 },
      {
        what: "neighbours' p99 with a clone every second / idle",
        value: percentile(cloning, 0.99) / percentile(idle, 0.99),
        bound: 2,
      },
    ],
    details: {
      server: facts,
      inside,
      fiftyLogicalBytes: logicalGigabytes[0]?.bytes,
      neighbours: {
        ...neighbour,
        idle: spread(idle),
        aCloneEverySecond: { clones: clonesEachSecond, ...spread(cloning) },
        withoutPause: { clones: clones - clonesEachSecond, ...spread(storm) },
      },
    },
  });
});
await kubectl('delete', 'namespace', namespace, '--wait=false');
