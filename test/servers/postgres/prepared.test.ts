import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { seal } from '../../../servers/postgres/connection/sessions.ts';
import { marks } from '../../../servers/postgres/marks/mark.ts';
import { takeSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { environmentsOf, platformSettings } from './environments.ts';
import { runIn, startTestServer, type TestServer } from './harness.ts';

/** A server as some managed ones are: the platform's allows no prepared transactions. */
let server: TestServer;
let admin: Server;
let shop: ReturnType<typeof environmentsOf>;
beforeAll(async () => {
  server = await startTestServer({ settings: { ...platformSettings, max_prepared_transactions: '5' } });
  admin = await server.connect();
  shop = environmentsOf(server);
});
afterAll(async () => {
  await admin.close();
  await server.remove();
});

const gid = "order '7'";
const prepare = (environment: string) =>
  shop.sql(environment, `BEGIN; INSERT INTO orders VALUES (7); PREPARE TRANSACTION 'order ''7'''`);
const end = (environment: string) => shop.sql(environment, `ROLLBACK PREPARED 'order ''7'''`);

const refused = (database: string) => ({
  code: 'COPPICE_DATABASE_PREPARED',
  message: expect.stringMatching(
    new RegExp(`^database ${database} has prepared .*\n  ${gid} of .*, prepared \\d+ s ago`),
  ),
  hint: expect.stringContaining("ROLLBACK PREPARED 'order ''7'''"),
});

describe('a database with a prepared transaction', () => {
  const database = 'wt_shop__prepared';
  beforeAll(async () => {
    await shop.up(admin, 'prepared');
    await prepare('prepared');
  });

  test('is refused to be removed, and goes on', async () => {
    await expect(shop.down(admin, 'prepared')).rejects.toMatchObject(refused(database));
    expect(await shop.orders('prepared')).toEqual([1, 2, 3]);
  });

  test('is refused to be copied, and goes on', async () => {
    await expect(takeSnapshot(admin, { database, name: 'before', force: true })).rejects.toMatchObject(
      refused(database),
    );
    expect(await shop.orders('prepared')).toEqual([1, 2, 3]);
  });

  test('that was closed by an earlier attempt is opened again, so that it can be ended', async () => {
    await seal(admin, database);
    await expect(shop.down(admin, 'prepared')).rejects.toMatchObject(refused(database));
    await end('prepared');
    expect(await shop.down(admin, 'prepared')).toMatchObject({ dropped: true });
  });
});

describe('a migration that leaves one', () => {
  const build = (hash: string, table: string) => {
    const request = shop.request('broken');
    const run = runIn(server, {
      migrate: async (database) => {
        await database.query(`CREATE TABLE ${table} (id int)`);
        await database.query(`BEGIN; INSERT INTO ${table} VALUES (7); PREPARE TRANSACTION 'half'`);
      },
    });
    const template = { ...request.template, hash: `${hash}00`, sourceHash: `${hash}01` };
    return ensureDatabase(admin, { ...request, template }, { run, signal: new AbortController().signal });
  };
  afterEach(async () => {
    expect(await admin.query('SELECT FROM pg_prepared_xacts')).toEqual([]);
    const building = (await marks(admin)).filter(({ mark }) => mark?.kind === 'building');
    expect(building).toEqual([]);
  });

  test('fails with its name, and leaves nothing behind', async () => {
    await expect(build('badbadbadbad00', 'orders')).rejects.toMatchObject({
      code: 'COPPICE_DATABASE_PREPARED',
      message: expect.stringContaining('the prepared transaction half'),
    });
  });

  test('leaves nothing behind when something else fails after it', async () => {
    await expect(build('badbadbadbad11', 'not_orders')).rejects.toMatchObject({ code: 'COPPICE_SEED' });
  });
});
