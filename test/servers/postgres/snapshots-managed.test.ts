import { afterAll, beforeAll, expect, test } from 'vitest';
import { forkDatabase } from '../../../servers/postgres/clones/fork.ts';
import { resetDatabase } from '../../../servers/postgres/clones/reset.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { inventory } from '../../../servers/postgres/inventory/inventory.ts';
import { findOrphans } from '../../../servers/postgres/inventory/orphans.ts';
import { removeOrphans } from '../../../servers/postgres/inventory/remove-orphans.ts';
import {
  listSnapshots,
  restoreSnapshot,
  takeSnapshot,
} from '../../../servers/postgres/snapshots/snapshots.ts';
import { undo } from '../../../servers/postgres/snapshots/undo.ts';
import { environmentsOf } from './environments.ts';
import { startTestServer, type TestServer } from './harness.ts';

/** A managed server, and a login that may create databases and roles and nothing else. */
let server: TestServer;
let admin: Server;
let shop: ReturnType<typeof environmentsOf>;

beforeAll(async () => {
  server = await startTestServer();
  const superuser = await server.connect();
  await superuser.query(`CREATE ROLE app_admin LOGIN CREATEDB CREATEROLE PASSWORD 'of the admin'`);
  await superuser.query('CREATE DATABASE of_others');
  await superuser.query('REVOKE ALL ON DATABASE of_others FROM PUBLIC');
  await superuser.close();
  admin = await connectServer({ ...server.login, user: 'app_admin', password: 'of the admin' });
  shop = environmentsOf(server);
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

const gentle = { force: false };

test('a login that may only create databases takes snapshots, restores, resets, undoes and forks', async () => {
  const request = shop.request('main');
  const { name: database } = request;
  await shop.up(admin, 'main');
  expect(await takeSnapshot(admin, { database, name: 'before', ...gentle })).toMatchObject({
    strategy: 'wal_log',
  });
  await shop.add('main', 10);
  const session = await shop.connect('main');
  await restoreSnapshot(admin, { database, name: 'before', force: true });
  await session.close();
  expect(await shop.orders('main')).toEqual([1, 2, 3]);
  await undo(admin, { database, ...gentle });
  expect(await shop.orders('main')).toEqual([1, 2, 3, 10]);
  const to = shop.request('next');
  await forkDatabase(admin, {
    from: database,
    to: to.name,
    owner: to.owner,
    sessions: 'refuse',
    ...gentle,
  });
  await shop.up(admin, 'next');
  expect(await shop.orders('next')).toEqual([1, 2, 3, 10]);
  expect((await resetDatabase(admin, request, shop.work)).kept).toBeUndefined();
  expect(await shop.orders('main')).toEqual([1, 2, 3]);
  await shop.down(admin, 'next');
  await shop.down(admin, 'main');
  expect((await listSnapshots(admin)).map(({ mark }) => mark.reason).sort()).toEqual(['asked', 'undo']);
});

test('its inventory contains what it may see, and only what its own mark declares expired is an orphan', async () => {
  await shop.up(admin, 'gone');
  await takeSnapshot(admin, { database: shop.request('gone').name, name: 'before', ...gentle });
  const found = await inventory(admin);
  expect(found).toMatchObject({
    own: false,
    sharesBlocks: false,
    strays: [],
    disk: undefined,
    roles: [shop.request('gone').name],
  });
  expect(found.databases.map(({ bytes = 0 }) => bytes > 5_000_000)).not.toContain(false);
  expect(findOrphans(found, [], new Date())).toEqual([]);
  const later = new Date(Date.now() + 73 * 3_600_000);
  const over = findOrphans(found, [], later);
  expect(over).toMatchObject([{ kind: 'snapshot', why: expect.stringContaining('it was kept until') }]);
  expect(await removeOrphans(admin, over)).toMatchObject([{ kept: undefined }]);
});

test('a session that it may not end fails a reset, which leaves nothing behind', async () => {
  const request = shop.request('main');
  await shop.up(admin, 'main');
  await shop.add('main', 10);
  const before = (await inventory(admin)).databases.map(({ name }) => name);
  const superuser = await connectServer({ ...server.login, maintenance: request.name });
  await expect(resetDatabase(admin, request, shop.work)).rejects.toMatchObject({
    code: 'COPPICE_DATABASE_IN_USE',
    message: expect.stringContaining('coppice from'),
  });
  await superuser.close();
  expect(await shop.orders('main')).toEqual([1, 2, 3, 10]);
  expect((await inventory(admin)).databases.map(({ name }) => name)).toEqual(before);
});
