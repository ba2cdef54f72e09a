import { Client } from 'pg';
import { beforeEach, expect } from 'vitest';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { takeSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { ensureTemplate, rebuildTemplate } from '../../../servers/postgres/templates/template.ts';
import type { CommandRun } from '../../../servers/postgres/types.ts';
import { admin, server, shop, test } from './fixture.ts';
import { dumpOf, runIn, until } from './harness.ts';

/** Aborts the interrupted command, as Ctrl+C does. */
let ending: AbortController;
let interruptible: Server;

beforeEach(async () => {
  await shop.up(admin, 'main');
  ending = new AbortController();
  interruptible = await connectServer(server.login, ending.signal);
});

const database = 'wt_shop__main';
const interrupted = { code: 'COPPICE_INTERRUPTED' };

/** Databases with this prefix. */
async function called(prefix: string): Promise<string[]> {
  const rows = await admin.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname`,
    [prefix],
  );
  return rows.map(({ name }) => name);
}

/** Waits until a statement with this prefix is waiting for a lock or a timeout. */
async function untilIn(statement: string, waiting: 'Lock' | 'Timeout'): Promise<void> {
  await until(async () => {
    const rows = await admin.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = $2 AND starts_with(query, $1)`,
      [statement, waiting],
    );
    return rows.length > 0;
  });
}

/** Waits until only the connections of the tests are open. */
async function untilAlone(): Promise<void> {
  await until(async () => {
    const rows = await admin.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'coppice' AND pid <> pg_backend_pid()`,
    );
    return rows.length === 0;
  });
}

test('an interrupted restore leaves no database with unmasked rows, and no login to it', async () => {
  const request = {
    ...shop.request('main').template,
    dump: { identity: '1', mask: 'DELETE FROM people' },
    hash: 'a'.repeat(16),
    sourceHash: 'b'.repeat(16),
  };
  const openDump = dumpOf(`CREATE TABLE people AS SELECT 'a@real.example' AS mail;\nSELECT pg_sleep(60); `);
  const work = { run: runIn(server, {}), openDump, signal: ending.signal };
  const building = ensureTemplate(interruptible, request, work);
  const ended = expect(building).rejects.toMatchObject(interrupted);
  await untilIn('SELECT pg_sleep(60)', 'Timeout');
  expect(await called('build_')).toEqual(['build_shop__bbbbbbbbbbbbbbbb']);
  ending.abort();
  await ended;
  expect(await called('build_')).toEqual([]);
  expect(await admin.query(`SELECT FROM pg_roles WHERE starts_with(rolname, 'build_')`)).toEqual([]);
});

test('a copy that the server is still creating when interrupted is cancelled', async () => {
  const other = await server.connect();
  await other.query('BEGIN; LOCK TABLE pg_database IN SHARE MODE');
  const taking = takeSnapshot(interruptible, { database, name: 'before', force: false });
  const ended = expect(taking).rejects.toMatchObject(interrupted);
  await untilIn('CREATE DATABASE', 'Lock');
  ending.abort();
  await ended;
  await other.close();
  await untilAlone();
  expect(await called('snap_')).toEqual([]);
});

test('a copy that is complete when interrupted is dropped', async () => {
  const other = await server.connect();
  await other.query('BEGIN; LOCK TABLE pg_shdescription IN SHARE MODE');
  const taking = takeSnapshot(interruptible, { database, name: 'before', force: false });
  const ended = expect(taking).rejects.toMatchObject(interrupted);
  await untilIn('COMMENT ON DATABASE', 'Lock');
  expect(await called('snap_')).toHaveLength(1);
  ending.abort();
  await other.close();
  await ended;
  await untilAlone();
  expect(await called('snap_')).toEqual([]);
});

test('a clone without its final name when interrupted is dropped', async () => {
  const other = await server.connect();
  await other.query('BEGIN; LOCK TABLE pg_shdescription IN SHARE MODE');
  const creating = ensureDatabase(interruptible, shop.request('early'), shop.work);
  const ended = expect(creating).rejects.toMatchObject(interrupted);
  await untilIn('COMMENT ON DATABASE', 'Lock');
  expect(await called('build_')).toHaveLength(1);
  ending.abort();
  await other.close();
  await ended;
  await untilAlone();
  expect(await called('build_')).toEqual([]);
});

test('a template stays in use while it is rebuilt, even if the rebuild is interrupted', async () => {
  const { template } = shop.request('main');
  const [before] = await admin.query(
    `SELECT oid FROM pg_database WHERE datname = 'tpl_shop__c0ffee0000000000'`,
  );
  const run = runIn(server, { migrate: (building) => building.query('SELECT pg_sleep(60)') });
  const rebuilding = rebuildTemplate(interruptible, template, { run, signal: ending.signal });
  const ended = expect(rebuilding).rejects.toMatchObject(interrupted);
  await untilIn('SELECT pg_sleep', 'Timeout');
  const { built } = await ensureDatabase(admin, shop.request('meanwhile'), shop.work);
  expect(built).toBe(false);
  ending.abort();
  await ended;
  expect(await called('build_')).toEqual([]);
  expect(
    await admin.query(`SELECT oid FROM pg_database WHERE datname = 'tpl_shop__c0ffee0000000000'`),
  ).toEqual([before]);
});

test('a rebuilt template replaces the old one, which is removed', async () => {
  const { template } = shop.request('main');
  const seed = { kind: 'sql', text: 'INSERT INTO orders VALUES (9)' } as const;
  const rebuilt = await rebuildTemplate(admin, { ...template, seed }, shop.work);
  expect(rebuilt).toMatchObject({ name: 'tpl_shop__c0ffee0000000000', built: true });
  await shop.up(admin, 'after');
  expect(await shop.orders('after')).toEqual([9]);
  expect(await shop.orders('main')).toEqual([1, 2, 3]);
  expect([...(await called('tpl_')), ...(await called('snap_')), ...(await called('build_'))]).toEqual([
    rebuilt.name,
  ]);
});

test('a migration that is stopped while it waits for a lock does not run after all', async () => {
  await shop.up(admin, 'waiting');
  const app = await shop.connect('waiting');
  await app.query('BEGIN; SELECT FROM orders');
  let migrating: Promise<unknown> = Promise.resolve();
  const stopped = async ({ database: name, user, password, session }: CommandRun) => {
    const { host, port } = server.login;
    const client = new Client({ host, port, database: name, user, password, application_name: session });
    client.on('error', () => undefined);
    await client.connect();
    migrating = client.query('ALTER TABLE orders ADD COLUMN late int').catch(() => undefined);
    await untilIn('ALTER TABLE', 'Lock');
    // As with the pod of a Job that is killed: its connection is not closed, it only falls silent.
    throw new Error('it was stopped after 5 s');
  };
  const request = shop.request('waiting');
  const migrations = [...(request.template.migrations ?? []), { path: 'db/002.sql', sha256: '2'.repeat(64) }];
  const wanted = { ...request, template: { ...request.template, migrations } };
  await expect(ensureDatabase(admin, wanted, { run: stopped, signal: ending.signal })).rejects.toThrow(
    'it was stopped',
  );
  await app.query('COMMIT');
  await migrating;
  expect(await shop.sql('waiting', `SELECT FROM pg_attribute WHERE attname = 'late'`)).toEqual([]);
  expect(await app.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await app.close();
});
