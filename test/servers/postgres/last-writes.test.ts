import { afterAll, beforeAll, expect, test } from 'vitest';
import { sinceLastWrites } from '../../../servers/postgres/connection/last-writes.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { startTestServer, type TestServer } from './harness.ts';

let server: TestServer;
let admin: Server;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.connect();
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

test('a write counts, reading does not; an unknown database has none, and a login without rights sees nothing', async () => {
  await admin.query('CREATE DATABASE wt_shop__a');
  await admin.query('CREATE DATABASE wt_shop__b');
  const own = await admin.in('wt_shop__a');
  await own.query('CREATE TABLE orders (id int)');
  await own.query('INSERT INTO orders SELECT generate_series(1, 1000)');
  await own.query('SELECT count(*) FROM orders');
  await own.query('CHECKPOINT');
  const first = (await sinceLastWrites(admin, ['wt_shop__a', 'wt_shop__b', 'wt_shop__c']))?.get('wt_shop__a');
  expect(first).toBeGreaterThanOrEqual(0);

  const moment = async () =>
    (await admin.query<{ at: number }>('SELECT extract(epoch FROM now())::float8 * 1000 AS at'))[0]?.at ?? 0;
  const before = await moment();
  await own.query('SELECT count(*) FROM orders');
  await own.query('CHECKPOINT');
  const read = (await sinceLastWrites(admin, ['wt_shop__a']))?.get('wt_shop__a') ?? 0;
  expect((await moment()) - read).toBeLessThan(before + 1);

  const written = await moment();
  await own.query('UPDATE orders SET id = id + 1');
  await own.query('CHECKPOINT');
  const again = (await sinceLastWrites(admin, ['wt_shop__a']))?.get('wt_shop__a') ?? Number.POSITIVE_INFINITY;
  // Times of files have the precision of a tick of the kernel.
  expect((await moment()) - again).toBeGreaterThanOrEqual(written - 1000);
  // Nothing of its own was ever in it.
  expect(await sinceLastWrites(admin, ['wt_shop__b'])).toEqual(new Map());
  await own.close();

  await admin.query("CREATE ROLE weak LOGIN PASSWORD 'weak'");
  const weak = await admin.in('wt_shop__b', { user: 'weak', password: 'weak' });
  expect(await sinceLastWrites(weak, ['wt_shop__b'])).toBeUndefined();
  await weak.close();
});
