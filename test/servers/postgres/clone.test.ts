import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase, dropDatabaseNow } from '../../../servers/postgres/clones/clone.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { seal, sessions } from '../../../servers/postgres/connection/sessions.ts';
import { marks } from '../../../servers/postgres/marks/mark.ts';
import { startTestServer, type TestServer, until, wasRefused, whyNoVolumes } from './harness.ts';
import { changeOfDatabase, recorded } from './recorded.ts';

const noVolumes = whyNoVolumes();
let server: TestServer;
let admin: Server;

beforeAll(async () => {
  server = await startTestServer();
  admin = await server.connect();
  await fill(admin, 'source');
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

/** A database of about 100 MB. */
async function fill(on: Server, name: string): Promise<void> {
  await on.query(`CREATE DATABASE ${name} STRATEGY wal_log`);
  const inside = await on.in(name);
  await inside.query(
    'CREATE TABLE books AS SELECT generate_series(1, 400000) AS id, repeat($$x$$, 200) AS text',
  );
  await inside.close();
}

async function rowsIn(on: Server, database: string): Promise<unknown> {
  await on.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
  const inside = await on.in(database);
  const [row] = await inside.query('SELECT count(*)::int AS n FROM books').finally(inside.close);
  return row;
}

/** A client that reconnects in a loop, whatever happens, until it is stopped. */
function persistentClient(database: string): { readonly stop: () => Promise<void>; connects: number } {
  let stopped = false;
  const client = { connects: 0, stop: async () => {} };
  const loop = (async () => {
    while (!stopped) {
      try {
        const session = await (await server.connect()).in(database);
        client.connects += 1;
        await session.query('SELECT pg_sleep(10)').finally(session.close);
      } catch {
        // Ignored, as in an app's pool.
      }
    }
  })();
  client.stop = async () => {
    stopped = true;
    await loop;
  };
  return client;
}

test('a clone has the rows of its source and does not allow connections yet', async () => {
  await cloneDatabase(admin, { from: 'source', to: 'wt_clone' });
  await expect(admin.in('wt_clone')).rejects.toThrow('not currently accepting connections');
  expect(await rowsIn(admin, 'wt_clone')).toEqual({ n: 400000 });
  await dropDatabaseNow(admin, 'wt_clone');
});

test('a file system that cannot share blocks gets a copy of files, and reports that strategy', async () => {
  if (server.reflink) return;
  const { strategy } = await cloneDatabase(admin, { from: 'source', to: 'wt_copy' });
  expect(strategy).toBe('copy');
  await dropDatabaseNow(admin, 'wt_copy');
});

test.skipIf(noVolumes)(
  `XFS shares blocks: a clone of 100 MB takes almost no disk (needs a loop file${noVolumes ? `: ${noVolumes}` : ''})`,
  async () => {
    const xfs = await startTestServer({ volume: { fileSystem: 'xfs', mebibytes: 2048 } });
    try {
      expect(xfs.reflink).toBe(true);
      const on = await xfs.connect();
      await fill(on, 'source');
      await on.query('CHECKPOINT');
      const before = await xfs.usedBytes();
      const { strategy } = await cloneDatabase(on, { from: 'source', to: 'wt_clone' });
      expect(strategy).toBe('clone');
      await on.query('CHECKPOINT');
      expect((await xfs.usedBytes()) - before).toBeLessThan(20e6);
      expect(await rowsIn(on, 'wt_clone')).toEqual({ n: 400000 });
      await on.close();
    } finally {
      await xfs.remove();
    }
  },
);

test('ten concurrent clones of one source succeed', async () => {
  const connections = await Promise.all(Array.from({ length: 10 }, () => server.connect()));
  await Promise.all(
    connections.map((connection, i) => cloneDatabase(connection, { from: 'source', to: `wt_ten_${i}` })),
  );
  for (const [i, connection] of connections.entries()) {
    expect(await rowsIn(admin, `wt_ten_${i}`)).toEqual({ n: 400000 });
    await connection.close();
  }
  await Promise.all(connections.map((_, i) => dropOn(`wt_ten_${i}`)));
  expect((await marks(admin)).map(({ name }) => name).filter((name) => name.includes('ten'))).toEqual([]);
});

async function dropOn(database: string): Promise<void> {
  const connection = await server.connect();
  await dropDatabaseNow(connection, database).finally(connection.close);
}

test('an idle session on the source is reported before a copy is tried, and nothing is created', async () => {
  const idle = await admin.in('source');
  try {
    const watched = recorded(admin);
    await expect(cloneDatabase(watched, { from: 'source', to: 'wt_never' })).rejects.toMatchObject({
      code: 'COPPICE_DATABASE_IN_USE',
      message: expect.stringMatching(/coppice from 127\.0\.0\.1, idle, for \d+ s/),
    });
    expect(watched.statements).not.toContainEqual(changeOfDatabase);
    expect((await marks(admin)).map(({ name }) => name)).not.toContain('wt_never');
  } finally {
    await idle.close();
  }
});

test('an idle session on a template is ended instead, if requested', async () => {
  await admin.query('CREATE DATABASE tpl_idle');
  await admin.in('tpl_idle');
  const since = server.log().length;
  await cloneDatabase(admin, { from: 'tpl_idle', to: 'wt_idle', sessions: 'end' });
  expect(wasRefused(server, since)).toBe(false);
  await dropDatabaseNow(admin, 'wt_idle');
  await dropDatabaseNow(admin, 'tpl_idle');
});

test('a client that reconnects in a loop prevents neither a clone of its database nor dropping it', async () => {
  await admin.query('CREATE DATABASE tpl_loop');
  const client = persistentClient('tpl_loop');
  try {
    await until(async () => (await sessions(admin, 'tpl_loop')).length > 0);
    const since = server.log().length;
    await cloneDatabase(admin, { from: 'tpl_loop', to: 'wt_loop', sessions: 'end' });
    expect(wasRefused(server, since)).toBe(false);
    await admin.query('ALTER DATABASE tpl_loop ALLOW_CONNECTIONS true');
    await until(async () => (await sessions(admin, 'tpl_loop')).length > 0);
    await dropDatabaseNow(admin, 'tpl_loop');
    expect(wasRefused(server, since)).toBe(false);
    expect(client.connects).toBeGreaterThan(1);
  } finally {
    await client.stop();
    await dropDatabaseNow(admin, 'wt_loop');
  }
});

test('a sealed template can be dropped, and a missing one too', async () => {
  await admin.query('CREATE DATABASE tpl_sealed IS_TEMPLATE true');
  await seal(admin, 'tpl_sealed');
  await dropDatabaseNow(admin, 'tpl_sealed');
  await dropDatabaseNow(admin, 'tpl_sealed');
  expect((await marks(admin)).map(({ name }) => name)).not.toContain('tpl_sealed');
});

test('a stopped server is reported as unreachable, with exit code 3', async () => {
  const other = await startTestServer();
  const connection = await other.connect();
  await other.kill();
  const gone = { code: 'COPPICE_DATABASE_UNREACHABLE', exitCode: 3 };
  await expect(connection.query('SELECT 1')).rejects.toMatchObject(gone);
  await expect(other.connect()).rejects.toMatchObject(gone);
  await other.start();
  const again = await other.connect();
  expect(await again.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await again.close();
  await other.remove();
});
