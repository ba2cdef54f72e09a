import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase, dropDatabaseNow, renameDatabase } from '../../database/clone.ts';
import { marks, readMark, writeMark } from '../../database/mark.ts';
import type { Server } from '../../database/server.ts';
import { startTestServer, type TestServer, whyNoVolumes } from './harness.ts';

const noVolumes = whyNoVolumes();
let server: TestServer;
let admin: Server;

beforeAll(async () => {
  server = await startTestServer(noVolumes ? {} : { volume: { fileSystem: 'xfs', mebibytes: 2048 } });
  admin = await server.connect();
  await admin.query('CREATE DATABASE tpl_shop__0 STRATEGY wal_log');
  const template = await admin.in('tpl_shop__0');
  await template.query(
    'CREATE TABLE rows AS SELECT generate_series(1, 400000) AS id, repeat($$x$$, 200) AS text',
  );
  await template.close();
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

test('smoke', async () => {
  console.log(
    server.reflink,
    noVolumes,
    await (await import('../../database/facts.ts')).serverFacts(admin),
    await (await import('../../database/facts.ts')).sourceFacts(admin, 'tpl_shop__0'),
  );
  console.log(await cloneDatabase(admin, { from: 'tpl_shop__0', to: 'wt_shop__a' }));
  console.log(await cloneDatabase(admin, { from: 'tpl_shop__0', to: 'wt_shop__b' }));
  await renameDatabase(admin, 'wt_shop__b', 'snap_1');
  console.log(await marks(admin, { sizes: true }));
  await dropDatabaseNow(admin, 'wt_shop__a');
  await server.kill();
  await expect(admin.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  await server.start();
  admin = await server.connect();
  console.log(await marks(admin, { sizes: true }));
});
