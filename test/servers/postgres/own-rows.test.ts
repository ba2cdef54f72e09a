import { beforeEach, expect } from 'vitest';
import { ownRows } from '../../../servers/postgres/clones/own-rows.ts';
import { restoreSnapshot, takeSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { admin, server, shop, startAgain, test } from './fixture.ts';

let tests = 0;
let environment: string;
let database: string;
beforeEach(async () => {
  tests += 1;
  environment = `own-${tests}`;
  database = shop.request(environment).name;
  await shop.up(admin, environment);
});

const look = () => ownRows(admin, database, new AbortController().signal);

test('a clone with the rows of its template alone has none of its own, read or not', async () => {
  expect(await look()).toEqual({ kind: 'none' });
  await shop.orders(environment);
  expect(await look()).toEqual({ kind: 'none' });
});

test('rows that were written are counted by table', async () => {
  await shop.sql(
    environment,
    'INSERT INTO orders VALUES (10), (11); UPDATE orders SET id = 12 WHERE id = 11',
  );
  await shop.sql(environment, 'DELETE FROM orders WHERE id = 1');
  await admin.in(database).then(async (inside) => {
    await inside.query('CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int)');
    await inside.query('INSERT INTO billing.invoices VALUES (1)');
    await inside.close();
  });
  expect(await look()).toEqual({
    kind: 'written',
    tables: [
      { table: 'orders', inserted: 2, updated: 1, deleted: 1 },
      { table: 'billing.invoices', inserted: 1, updated: 0, deleted: 0 },
    ],
  });
});

test('a row counts although the session that wrote it is still connected', async () => {
  const session = await shop.connect(environment);
  // A session reports its counts once a second: the second statement comes before that.
  await session.query('SELECT 1');
  await session.query('INSERT INTO orders VALUES (10)');
  const found = look();
  await session.query('SELECT pg_sleep(1.1)');
  expect(await found).toMatchObject({ kind: 'written', tables: [{ table: 'orders', inserted: 1 }] });
  await session.close();
});

test('an open transaction that has written may end with rows', async () => {
  const session = await shop.connect(environment);
  await session.query('BEGIN');
  await session.query('INSERT INTO orders VALUES (10)');
  expect(await look()).toEqual({ kind: 'unknown', why: 'a transaction that writes is open in it' });
  await session.query('ROLLBACK');
  await session.close();
});

test('the rows of a snapshot are not those of the template', async () => {
  await takeSnapshot(admin, { database, name: 'before', force: false });
  await restoreSnapshot(admin, { database, name: 'before', force: false });
  expect(await look()).toEqual({ kind: 'unknown', why: 'it was restored from the snapshot before' });
});

test('a database that is gone holds nothing', async () => {
  await shop.down(admin, environment);
  expect(await look()).toEqual({ kind: 'none' });
});

test('after a crash of the server its counts are lost, and that is said', async () => {
  await shop.add(environment, 10);
  await server.kill();
  await startAgain();
  expect(await look()).toEqual({
    kind: 'unknown',
    why: 'PostgreSQL lost its counts of written rows since, as after a crash',
  });
});
