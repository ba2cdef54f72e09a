import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect } from 'vitest';
import type { ExistingEnvironment } from '../../../core/owner.ts';
import { cloneDatabase, dropDatabaseNow } from '../../../servers/postgres/clones/clone.ts';
import { resetDatabase } from '../../../servers/postgres/clones/reset.ts';
import { withServerLock } from '../../../servers/postgres/connection/lock.ts';
import { type Inventory, inventory } from '../../../servers/postgres/inventory/inventory.ts';
import { findOrphans, type Orphan } from '../../../servers/postgres/inventory/orphans.ts';
import { removeOrphans, removeTemplates } from '../../../servers/postgres/inventory/remove-orphans.ts';
import { unusedTemplates } from '../../../servers/postgres/inventory/unused-templates.ts';
import { readMark, writeMark } from '../../../servers/postgres/marks/mark.ts';
import { buildName } from '../../../servers/postgres/marks/private-names.ts';
import { grantAccess } from '../../../servers/postgres/roles/roles.ts';
import { listSnapshots, takeSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { admin, server, shop, startAgain, test } from './fixture.ts';
import { until } from './harness.ts';

let tests = 0;
let environment: string;
let database: string;
let here: ExistingEnvironment[];
beforeEach(async () => {
  tests += 1;
  environment = `feat-${tests}`;
  database = shop.request(environment).name;
  await shop.up(admin, environment);
  here = [{ app: 'shop', environment }];
});
afterEach(async () => {
  await removeOrphans(admin, await orphans([]), { force: true });
  for (const snapshot of await listSnapshots(admin)) await dropDatabaseNow(admin, snapshot.database);
});

/** Waits until no other connection of Coppice is open: each command closes its own, and the server notices it soon. */
async function orphans(existing: readonly ExistingEnvironment[] | undefined = here): Promise<Orphan[]> {
  let found: Inventory | undefined;
  await until(async () => {
    found = await inventory(admin);
    return found.atWork === 0;
  });
  return found ? findOrphans(found, existing, new Date()) : [];
}

const removed = (all: readonly Orphan[]) => all.map((what) => ({ what, kept: undefined }));

test('nothing in use is an orphan', async () => {
  await takeSnapshot(admin, { database, name: 'before', force: false });
  await resetDatabase(admin, shop.request(environment), shop.work);
  expect(await orphans()).toEqual([]);
  expect(await orphans(undefined)).toEqual([]);
});

test('the inventory lists clones and templates, and the actual disk usage', async () => {
  const { databases, facts, own, sharesBlocks, roles, disk, strays } = await inventory(admin);
  expect({ own, sharesBlocks, roles, strays }).toEqual({
    own: true,
    sharesBlocks: true,
    roles: [database],
    strays: [],
  });
  expect(facts).toMatchObject({ major: 18, superuser: true });
  expect(databases).toMatchObject([
    { name: 'tpl_shop__c0ffee0000000000', mark: { kind: 'template' }, isTemplate: true, sessions: 0 },
    { name: database, mark: { kind: 'clone', template: 'tpl_shop__c0ffee0000000000' }, isTemplate: false },
  ]);
  for (const { bytes } of databases) expect(bytes).toBeGreaterThan(5_000_000);
  const { total = 0, used = 0, free = 0 } = disk ?? {};
  expect(used).toBeGreaterThan(30_000_000);
  expect(total).toBeGreaterThanOrEqual(used + free);
});

test('the database and role of a deleted environment are removed, and the contents kept for 72 hours', async () => {
  await shop.up(admin, 'gone');
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'clone', database: 'wt_shop__gone' }]);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await orphans()).toEqual([]);
  expect(await listSnapshots(admin, 'wt_shop__gone')).toMatchObject([{ mark: { reason: 'down' } }]);
  expect(await admin.query(`SELECT FROM pg_roles WHERE rolname = 'wt_shop__gone'`)).toEqual([]);
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a database with sessions is reported and stays, unless forced', async () => {
  await shop.up(admin, 'gone');
  const { login } = server;
  const { name, password } = shop.request('gone');
  const client = new Client({ ...login, user: name, password, database: name });
  client.on('error', () => undefined);
  await client.connect();
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'clone', sessions: 1 }]);
  expect(await removeOrphans(admin, found)).toMatchObject([{ kept: 'it has open sessions' }]);
  expect(await readMark(admin, name)).toMatchObject({ kind: 'clone' });
  expect(await removeOrphans(admin, found, { force: true })).toEqual(removed(found));
  await client.end();
});

test('a name that belongs to another database by now is not touched', async () => {
  await shop.up(admin, 'gone');
  const found = await orphans();
  await shop.down(admin, 'gone');
  await shop.up(admin, 'gone');
  expect(await removeOrphans(admin, found)).toMatchObject([{ kept: 'it has been replaced since' }]);
  expect(await shop.orders('gone')).toEqual([1, 2, 3]);
});

test('a snapshot is removed after 72 hours, but never one that a user took', async () => {
  await takeSnapshot(admin, { database, name: 'mine', force: false });
  const { kept } = await resetDatabase(admin, shop.request(environment), shop.work);
  if (!kept) throw new Error('blocks are shared here');
  const old = new Date(Date.now() - 73 * 3_600_000).toISOString();
  for (const snapshot of await listSnapshots(admin, database)) {
    await writeMark(admin, snapshot.database, { ...snapshot.mark, takenAt: old });
  }
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'snapshot', database: kept.database }]);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await listSnapshots(admin, database)).toMatchObject([{ mark: { name: 'mine' } }]);
});

test('an unfinished template is removed with its login, but not during its build', async () => {
  const hash = 'feedfacefeedface';
  const name = buildName('shop', hash);
  await admin.query(`CREATE DATABASE ${name}`);
  await writeMark(admin, name, {
    coppice: 1,
    kind: 'building',
    app: 'shop',
    hash,
    startedAt: new Date().toISOString(),
  });
  await grantAccess(admin, { database: name, login: name, password: 'of a build', owner: 'shop_owner' });
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'build', database: name }]);
  await withServerLock(admin, hash, async () => {
    expect(findOrphans(await inventory(admin), here, new Date())).toEqual([]);
    expect(await removeOrphans(admin, found)).toMatchObject([{ kept: 'it is in use right now' }]);
  });
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name])).toEqual([]);
});

test('a copy without a mark is removed, unless another connection of ours may be creating it', async () => {
  await cloneDatabase(admin, { from: database, to: 'snap_0123456789abcdef' });
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'unmarked', database: 'snap_0123456789abcdef' }]);
  const other = await server.connect();
  expect(findOrphans(await inventory(admin), here, new Date())).toEqual([]);
  expect(await removeOrphans(admin, found)).toMatchObject([{ kept: 'another command may be creating it' }]);
  await other.close();
  expect(await orphans()).toEqual(found);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
});

test('an open database that is not ours is not touched, whatever its name', async () => {
  await admin.query('CREATE DATABASE wt_of_mine');
  await admin.query('CREATE ROLE wt_my_own LOGIN');
  expect(await orphans()).toEqual([]);
  await admin.query('DROP DATABASE wt_of_mine');
  await admin.query('DROP ROLE wt_my_own');
});

test('a login role without a database is removed', async () => {
  await shop.up(admin, 'gone');
  await admin.query('DROP DATABASE wt_shop__gone');
  const found = await orphans();
  expect(found).toEqual([{ kind: 'role', role: 'wt_shop__gone', why: 'it has no database' }]);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await orphans()).toEqual([]);
});

test('a database that stayed closed is reopened', async () => {
  await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'closed', database }]);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a database whose DROP was interrupted is removed', async () => {
  await shop.up(admin, 'gone');
  // What DROP DATABASE writes before it deletes the first file.
  await admin.query(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'wt_shop__gone'`);
  const found = await orphans();
  expect(found).toMatchObject([{ kind: 'broken', database: 'wt_shop__gone' }]);
  expect(await removeOrphans(admin, found)).toEqual(removed(found));
  expect(await admin.query(`SELECT FROM pg_database WHERE datname = 'wt_shop__gone'`)).toEqual([]);
});

test('an unused template is removed, unless it was cloned since', async () => {
  const unused = { ...shop.request('main').template, hash: 'badc0ffee0000000' };
  const request = { ...shop.request('main'), template: unused };
  await resetDatabase(admin, request, shop.work);
  const choose = async () =>
    unusedTemplates(await inventory(admin), new Date(Date.now() + 1000), { maxAge: 0 });
  expect(await choose()).toEqual([]);
  await shop.down(admin, 'main');
  const [template, ...others] = await choose();
  expect(template).toMatchObject({ database: 'tpl_shop__badc0ffee0000000', hash: unused.hash });
  expect(others).toEqual([]);
  if (!template) throw new Error('it is unused');
  await resetDatabase(admin, request, shop.work);
  expect(await removeTemplates(admin, [template])).toMatchObject([{ kept: 'it has a clone by now' }]);
  await shop.down(admin, 'main');
  expect(await removeTemplates(admin, [template])).toMatchObject([{ kept: undefined }]);
  expect(await removeTemplates(admin, [template])).toMatchObject([{ kept: undefined }]);
  expect(await readMark(admin, template.database)).toBeUndefined();
});

test('a template records when it was last cloned, and when it last lost a clone', async () => {
  const name = 'tpl_shop__c0ffee0000000000';
  const built = await readMark(admin, name);
  if (built?.kind !== 'template') throw new Error('it is a template');
  const old = { ...built, builtAt: '2020-01-01T00:00:00.000Z' };
  const today = { ...old, usedAt: expect.stringContaining(new Date().toISOString().slice(0, 7)) };
  const changes = [
    () => shop.up(admin, 'later'),
    () => resetDatabase(admin, shop.request('later'), shop.work),
    () => shop.down(admin, 'later'),
  ];
  for (const change of changes) {
    await writeMark(admin, name, old);
    await change();
    expect(await readMark(admin, name)).toEqual(today);
  }
});

const folders = () => readdirSync(join(server.data, 'base'));

/** Kills the server during a copy: the folder exists, the row does not. */
async function killMidCopy(strategy: 'copy' | 'wal_log', to: string): Promise<void> {
  while (!(await killedMidCopy(strategy, to))) await dropDatabaseNow(admin, to);
}

/** False if the copy was complete before the kill. */
async function killedMidCopy(strategy: 'copy' | 'wal_log', to: string): Promise<boolean> {
  const before = new Set(folders());
  const own = await server.connect();
  // Without reflink it really copies, which is slow enough to be interrupted.
  await own.query(`SET coppice.reflink = 'off'`);
  const copying =
    strategy === 'copy'
      ? cloneDatabase(own, { from: database, to, source: { files: 1, bytes: 1e9 } })
      : own.query(`CREATE DATABASE ${to} TEMPLATE ${database} STRATEGY wal_log ALLOW_CONNECTIONS false`);
  const outcome = copying.then(
    () => undefined,
    (error: unknown) => error,
  );
  await until(() => folders().some((name) => !before.has(name)));
  await server.kill();
  const lost = await outcome;
  await own.close();
  await startAgain();
  if (lost !== undefined) expect(lost).toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  return lost !== undefined;
}

test.each(['copy', 'wal_log'] as const)(
  'only the folder that a killed server left of a clone (%s) is removed',
  async (strategy) => {
    await shop.sql(
      environment,
      `INSERT INTO orders SELECT generate_series(1000, 200000); CREATE TABLE big AS SELECT repeat('x', 1000) AS text
         FROM generate_series(1, 60000)`,
    );
    const to = 'snap_fedcba9876543210';
    const known = folders();
    await killMidCopy(strategy, to);
    const found = await orphans();
    const [stray] = found;
    if (found.length !== 1 || stray?.kind !== 'folder') throw new Error(`found ${JSON.stringify(found)}`);
    expect(known).not.toContain(String(stray.oid));
    expect(existsSync(join(server.data, 'base', String(stray.oid)))).toBe(true);
    expect(await removeOrphans(admin, found)).toEqual(removed(found));
    expect(folders().sort()).toEqual(known.sort());
    expect(await orphans()).toEqual([]);
    expect(await removeOrphans(admin, found)).toEqual(removed(found));
    await admin.query('CHECKPOINT');
    expect(await shop.sql(environment, 'SELECT count(*)::int AS count FROM orders')).toEqual([
      { count: 199_004 },
    ]);
    await server.kill();
    await startAgain();
    expect(folders().sort()).toEqual(known.sort());
  },
);

test("no folder is removed while a database is created, nor one of an existing database, nor one of initdb's", async () => {
  const [own] = await admin.query<{ oid: number }>('SELECT oid FROM pg_database WHERE datname = $1', [
    database,
  ]);
  const folder = (oid: number): Orphan => ({ kind: 'folder', oid, bytes: 0, why: 'a test says so' });
  const other = await server.connect();
  await other.query('BEGIN; LOCK TABLE pg_database IN ROW EXCLUSIVE MODE');
  expect(await removeOrphans(admin, [folder(99_999)])).toMatchObject([
    { kept: 'a database is being created or dropped' },
  ]);
  await other.close();
  await removeOrphans(admin, [folder(own?.oid ?? 0)]);
  expect(await removeOrphans(admin, [folder(1)])).toMatchObject([
    { kept: 'not the folder of a database: 1' },
  ]);
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
  expect(folders()).toContain('1');
});
