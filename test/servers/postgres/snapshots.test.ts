import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, vi } from 'vitest';
import type { CoppiceError } from '../../../core/errors.ts';
import { recordMove } from '../../../core/state/moved-repositories.ts';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { forkDatabase, refuseWithChoices } from '../../../servers/postgres/clones/fork.ts';
import { requireClone } from '../../../servers/postgres/clones/replace.ts';
import { resetDatabase } from '../../../servers/postgres/clones/reset.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { inventory } from '../../../servers/postgres/inventory/inventory.ts';
import { readMark, writeMark } from '../../../servers/postgres/marks/mark.ts';
import {
  listSnapshots,
  removeSnapshot,
  restoreSnapshot,
  takeSnapshot,
} from '../../../servers/postgres/snapshots/snapshots.ts';
import { undo } from '../../../servers/postgres/snapshots/undo.ts';
import type { Mark } from '../../../servers/postgres/types.ts';
import { admin, server, shop, test } from './fixture.ts';
import { until } from './harness.ts';
import { changeOfDatabase, recorded } from './recorded.ts';

let tests = 0;
let environment: string;
let database: string;
beforeEach(async () => {
  tests += 1;
  environment = `feat-${tests}`;
  database = shop.request(environment).name;
  await shop.up(admin, environment);
});

const gentle = { force: false };
const forced = { force: true };

/** A session that the server shows as idle. */
async function idleSession(of: string): Promise<Server> {
  const session = await shop.connect(of);
  await session.query('SELECT 1');
  await until(async () => {
    const rows = await admin.query(`SELECT FROM pg_stat_activity WHERE datname = $1 AND state = 'idle'`, [
      session.database,
    ]);
    return rows.length === 1;
  });
  return session;
}

/** The error that it throws. */
function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (reason) => reason as CoppiceError,
  );
}

test('a snapshot keeps the rows of its time, and a restore brings them back', async () => {
  await shop.add(environment, 10);
  const taken = await takeSnapshot(admin, { database, name: 'before', ...gentle });
  expect(taken.mark).toMatchObject({ of: database, name: 'before', reason: 'asked', environment });
  await shop.sql(environment, 'DELETE FROM orders');
  const { kept } = await restoreSnapshot(admin, { database, name: 'before', ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
  expect(kept?.mark).toMatchObject({ reason: 'restore', of: database });
  expect(await readMark(admin, database)).toMatchObject({
    kind: 'clone',
    origin: { kind: 'snapshot', name: 'before' },
    ...shop.request(environment).owner,
  });
  expect((await listSnapshots(admin, database)).map(({ mark }) => mark.reason)).toEqual(['restore', 'asked']);
});

test('a restored database keeps its role and rights', async () => {
  await takeSnapshot(admin, { database, name: 'before', ...gentle });
  await restoreSnapshot(admin, { database, name: 'before', ...gentle });
  await shop.sql(environment, 'ALTER TABLE orders ADD COLUMN note text; CREATE TABLE more (id int)');
  expect(
    await shop.sql(environment, `SELECT tableowner AS owner FROM pg_tables WHERE tablename = 'more'`),
  ).toEqual([{ owner: 'shop_owner' }]);
  const stranger = `stranger-${tests}`;
  await shop.up(admin, stranger);
  const { name: user, password } = shop.request(stranger);
  await expect(connectServer({ ...server.login, maintenance: database, user, password })).rejects.toThrow(
    'permission denied',
  );
  expect(await shop.up(admin, environment)).toMatchObject({ created: false, migrated: [] });
});

test('a snapshot during writes contains only whole transactions', async () => {
  await shop.sql(environment, 'CREATE TABLE ledger (account int, amount int)');
  let [written, over] = [0, false];
  const writer = (async () => {
    while (!over) {
      // The snapshot ends this session, as it would a pool's.
      const session = await shop.connect(environment).catch(() => undefined);
      try {
        while (!over && session) {
          await session.query(
            'BEGIN; INSERT INTO ledger VALUES (1, 7); INSERT INTO ledger VALUES (2, -7); COMMIT',
          );
          written += 1;
        }
      } catch {
      } finally {
        await session?.close();
      }
    }
  })();
  await until(() => written > 20);
  await takeSnapshot(admin, { database, name: 'busy', ...forced });
  const after = written;
  await until(() => written > after + 20);
  over = true;
  await writer;
  await restoreSnapshot(admin, { database, name: 'busy', ...forced });
  const [row] = await shop.sql(
    environment,
    'SELECT sum(amount)::int AS sum, count(*)::int AS count FROM ledger',
  );
  const { sum, count } = row as { sum: number; count: number };
  expect(sum).toBe(0);
  expect(count).toBeGreaterThan(40);
  expect(count).toBeLessThan(2 * written);
});

test('a snapshot is refused before anything changes while there are sessions, with their list, and --force disconnects them', async () => {
  const session = await idleSession(environment);
  const request = { database, name: 'busy' };
  const watched = recorded(admin);
  const error = await failure(takeSnapshot(watched, { ...request, ...gentle }));
  expect(error).toMatchObject({
    code: 'COPPICE_DATABASE_IN_USE',
    hint: expect.stringContaining('--end-sessions'),
  });
  expect(error.message).toContain('coppice from 127.0.0.1, idle');
  expect(watched.statements).not.toContainEqual(changeOfDatabase);
  await expect(session.query('SELECT 1')).resolves.toHaveLength(1);
  await takeSnapshot(admin, { ...request, ...forced });
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  await session.close();
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a refused restore changes nothing', async () => {
  await takeSnapshot(admin, { database, name: 'before', ...gentle });
  const session = await idleSession(environment);
  const before = (await inventory(admin)).databases.map(({ name }) => name);
  await expect(restoreSnapshot(admin, { database, name: 'before', ...gentle })).rejects.toMatchObject({
    code: 'COPPICE_DATABASE_IN_USE',
  });
  await expect(restoreSnapshot(admin, { database, name: 'other', ...forced })).rejects.toMatchObject({
    code: 'COPPICE_NO_SNAPSHOT',
    hint: 'there are: before',
  });
  await expect(session.query('SELECT 1')).resolves.toHaveLength(1);
  await session.close();
  expect((await inventory(admin)).databases.map(({ name }) => name)).toEqual(before);
});

test('a snapshot name is unique, and can be reused once its snapshot is removed', async () => {
  const request = { database, name: 'v1', ...gentle };
  await takeSnapshot(admin, request);
  await expect(takeSnapshot(admin, request)).rejects.toMatchObject({ code: 'COPPICE_SNAPSHOT_EXISTS' });
  expect(await removeSnapshot(admin, request)).toBe(true);
  expect(await removeSnapshot(admin, request)).toBe(false);
  await takeSnapshot(admin, request);
  await expect(takeSnapshot(admin, { ...request, name: 'a b' })).rejects.toMatchObject({
    code: 'COPPICE_SNAPSHOT_NAME',
  });
});

test('a missing database cannot be snapshotted', async () => {
  await expect(
    takeSnapshot(admin, { database: 'wt_shop__nowhere', name: 'x', ...gentle }),
  ).rejects.toMatchObject({
    code: 'COPPICE_NO_DATABASE',
  });
  await admin.query('CREATE DATABASE wt_mine');
  await expect(takeSnapshot(admin, { database: 'wt_mine', name: 'x', ...gentle })).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
  });
  await admin.query('DROP DATABASE wt_mine');
});

test('after down an undo brings the rows back, and the next up adopts them', async () => {
  await shop.add(environment, 10);
  await shop.down(admin, environment);
  expect(await readMark(admin, database)).toBeUndefined();
  const undone = await undo(admin, { database, ...gentle });
  expect(undone.snapshot.reason).toBe('down');
  expect(undone.kept).toBeUndefined();
  expect(await shop.up(admin, environment)).toMatchObject({ created: false, migrated: [] });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
  expect(await listSnapshots(admin, database)).toEqual([]);
  await expect(undo(admin, { database, ...gentle })).rejects.toMatchObject({
    code: 'COPPICE_NOTHING_TO_UNDO',
  });
});

test('a repository that was moved gets what its old path kept, and a later up has its rows', async () => {
  const request = shop.request(environment);
  const moved = { ...request, owner: { ...request.owner, repository: '/repositories/moved/.git' } };
  const data = mkdtempSync(join(tmpdir(), 'coppice-moved-'));
  vi.stubEnv('XDG_DATA_HOME', data);
  try {
    await expect(ensureDatabase(admin, moved, shop.work)).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });
    await shop.add(environment, 10);
    await shop.down(admin, environment);
    const whose = { database, owner: moved.owner, ...gentle };
    await expect(undo(admin, whose)).rejects.toMatchObject({ code: 'COPPICE_NOTHING_TO_UNDO' });
    await recordMove(request.owner.repository, moved.owner.repository);
    expect((await undo(admin, whose)).snapshot.reason).toBe('down');
    expect(await ensureDatabase(admin, moved, shop.work)).toMatchObject({ created: false, migrated: [] });
    expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
    await dropDatabase(admin, moved);
    expect((await listSnapshots(admin, database)).map(({ mark }) => mark.reason)).toEqual(['down']);
  } finally {
    vi.unstubAllEnvs();
    rmSync(data, { recursive: true });
  }
});

test('a second undo reverts the first one', async () => {
  await shop.add(environment, 10);
  await resetDatabase(admin, shop.request(environment), shop.work);
  await shop.add(environment, 20);
  await undo(admin, { database, ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
  await undo(admin, { database, ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 20]);
  expect(await listSnapshots(admin, database)).toHaveLength(1);
});

test('an undo takes the youngest or the named snapshot, but none that a user took', async () => {
  await takeSnapshot(admin, { database, name: 'mine', ...gentle });
  await shop.add(environment, 10);
  const { kept } = await resetDatabase(admin, shop.request(environment), shop.work);
  await shop.add(environment, 20);
  await resetDatabase(admin, shop.request(environment), shop.work);
  await expect(undo(admin, { database, name: 'mine', ...gentle })).rejects.toMatchObject({
    code: 'COPPICE_NOTHING_TO_UNDO',
  });
  // Two within one second share a name: only their databases differ.
  await writeMark(admin, kept?.database ?? '', { ...kept?.mark, name: 'first' } as Mark);
  await undo(admin, { database, name: 'first', ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
  await resetDatabase(admin, shop.request(environment), shop.work);
  const second = (await undo(admin, { database, ...gentle })).kept;
  await resetDatabase(admin, shop.request(environment), shop.work);
  await undo(admin, { database, name: second?.database ?? '', ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test("what was replaced more than 72 hours ago is not brought back, nor another repository's", async () => {
  const { kept } = await resetDatabase(admin, shop.request(environment), shop.work);
  const old = new Date(Date.now() - 73 * 3_600_000).toISOString();
  const nothing = { code: 'COPPICE_NOTHING_TO_UNDO' };
  await writeMark(admin, kept?.database ?? '', { ...kept?.mark, takenAt: old } as Mark);
  await expect(undo(admin, { database, ...gentle })).rejects.toMatchObject(nothing);
  await writeMark(admin, kept?.database ?? '', { ...kept?.mark, repository: '/elsewhere/.git' } as Mark);
  await expect(undo(admin, { database, ...gentle })).rejects.toMatchObject(nothing);
  await writeMark(admin, kept?.database ?? '', kept?.mark as Mark);
  await undo(admin, { database, ...gentle });
});

test('a reset restores the template despite open sessions, and keeps the previous database', async () => {
  await shop.add(environment, 10);
  const session = await idleSession(environment);
  const { kept } = await resetDatabase(admin, shop.request(environment), shop.work);
  await session.close();
  expect(kept?.mark).toMatchObject({ reason: 'reset', of: database });
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a reset keeps nothing where that would cost a whole copy', async () => {
  await admin.query(`SET coppice.reflink = 'off'`);
  await shop.add(environment, 10);
  const reset = await resetDatabase(admin, shop.request(environment), shop.work);
  await admin.query('RESET coppice.reflink');
  expect(reset.kept).toBeUndefined();
  expect(await listSnapshots(admin, database)).toEqual([]);
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a reset of a missing database creates it', async () => {
  await shop.down(admin, environment);
  await resetDatabase(admin, shop.request(environment), shop.work);
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a reset whose template cannot be built changes nothing', async () => {
  await shop.add(environment, 10);
  const { template, ...request } = shop.request(environment);
  const broken = {
    ...template,
    hash: 'bad0bad0bad0bad0',
    seed: { kind: 'sql', text: 'SELECT 1 / 0' },
  } as const;
  await expect(resetDatabase(admin, { ...request, template: broken }, shop.work)).rejects.toThrow('division');
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 10]);
});

test("a fork is a copy of another environment's current database, and independent from then on", async () => {
  const other = `other-${tests}`;
  await shop.up(admin, other);
  await shop.add(other, 77);
  const { owner } = shop.request(environment);
  const from = shop.request(other).name;
  const forked = await forkDatabase(admin, { from, to: database, owner, sessions: 'refuse', ...gentle });
  expect(forked).toMatchObject({ source: { kind: 'live' }, kept: { mark: { reason: 'fork' } } });
  await shop.add(environment, 78);
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 77, 78]);
  expect(await shop.orders(other)).toEqual([1, 2, 3, 77]);
  expect(await shop.up(admin, environment)).toMatchObject({ created: false });
  await undo(admin, { database, ...gentle });
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('a fork of a database in use is refused before anything changes, with every choice, and each choice works', async () => {
  const other = `other-${tests}`;
  await shop.up(admin, other);
  const from = shop.request(other).name;
  await shop.add(other, 77);
  await takeSnapshot(admin, { database: from, name: 'noon', ...gentle });
  await shop.add(other, 78);
  const session = await idleSession(other);
  const request = { from, to: database, owner: shop.request(environment).owner, ...gentle };
  const watched = recorded(admin);
  const error = await failure(forkDatabase(watched, { ...request, sessions: 'refuse' }));
  expect(error).toMatchObject({
    code: 'COPPICE_DATABASE_IN_USE',
    hint: expect.stringMatching(
      /--end-sessions.*the snapshot noon, \d+ s old, with --last-snapshot.*the template, \d+ (s|min) old/,
    ),
  });
  expect(watched.statements).not.toContainEqual(changeOfDatabase);
  const last = await forkDatabase(admin, { ...request, sessions: 'last-snapshot' });
  expect(last.source).toMatchObject({ kind: 'snapshot', name: 'noon' });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 77]);
  await expect(session.query('SELECT 1')).resolves.toHaveLength(1);
  await forkDatabase(admin, { ...request, sessions: 'end' });
  expect(await shop.orders(environment)).toEqual([1, 2, 3, 77, 78]);
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  await session.close();
  expect(await shop.orders(other)).toEqual([1, 2, 3, 77, 78]);
});

test('sessions of its own services end for a moment, whatever is done, and others are still refused', async () => {
  const other = `other-${tests}`;
  await shop.up(admin, other);
  const { name: from } = shop.request(other);
  const own = ['127.0.0.1'];
  const paused = async (work: () => Promise<unknown>, of = environment) => {
    const session = await idleSession(of);
    await work();
    await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
    await session.close();
    await shop.orders(of);
  };
  await paused(() => takeSnapshot(admin, { database, name: 'own', ...gentle, own }));
  await paused(() => restoreSnapshot(admin, { database, name: 'own', ...gentle, own }));
  const { owner } = shop.request(environment);
  const fork = { from, to: database, owner, sessions: 'refuse' as const, ...gentle, own };
  await paused(() => forkDatabase(admin, fork), other);
  await paused(() => undo(admin, { database, ...gentle, own }));
  await paused(() => resetDatabase(admin, shop.request(environment), shop.work, { ...gentle, own }));
  const session = await idleSession(environment);
  const foreign = { ...gentle, own: ['10.9.9.9'] };
  for (const refused of [
    () => takeSnapshot(admin, { database, name: 'foreign', ...foreign }),
    () => restoreSnapshot(admin, { database, name: 'own', ...foreign }),
    () => resetDatabase(admin, shop.request(environment), shop.work, foreign),
    () => undo(admin, { database, ...foreign }),
  ]) {
    await expect(refused()).rejects.toMatchObject({
      code: 'COPPICE_DATABASE_IN_USE',
      hint: expect.stringContaining('--end-sessions'),
    });
  }
  await expect(session.query('SELECT 1')).resolves.toHaveLength(1);
  await session.close();
});

test('what an undo replaced is named by it', async () => {
  await resetDatabase(admin, shop.request(environment), shop.work);
  await undo(admin, { database, ...gentle });
  const [last] = await listSnapshots(admin, database);
  expect(last?.mark).toMatchObject({ reason: 'undo', name: expect.stringMatching(/^undo-\d{8}-\d{6}$/) });
});

test('a missing snapshot is not offered as a choice', async () => {
  const session = await idleSession(environment);
  const refused = refuseWithChoices(admin, database, await requireClone(admin, database));
  await expect(refused).rejects.toMatchObject({
    code: 'COPPICE_DATABASE_IN_USE',
    hint: expect.stringMatching(
      /^disconnect them with --end-sessions [^;]*; or start from the template, [^;]*$/,
    ),
  });
  await session.close();
});

test('an environment without a database may start from a fork', async () => {
  const next = `next-${tests}`;
  const { name: to, owner } = shop.request(next);
  await shop.add(environment, 77);
  await forkDatabase(admin, { from: database, to, owner, sessions: 'refuse', ...gentle });
  expect(await shop.up(admin, next)).toMatchObject({ created: false, migrated: [] });
  expect(await shop.orders(next)).toEqual([1, 2, 3, 77]);
});

test('a fork of itself, of a missing database, or of another app is refused', async () => {
  const { owner } = shop.request(environment);
  const fork = (from: string, of = owner) =>
    forkDatabase(admin, { from, to: database, owner: of, sessions: 'refuse', ...gentle });
  await expect(fork(database)).rejects.toMatchObject({ code: 'COPPICE_FORK' });
  await expect(fork('wt_shop__nowhere')).rejects.toMatchObject({ code: 'COPPICE_NO_DATABASE' });
  await shop.up(admin, `other-${tests}`);
  await expect(fork(shop.request(`other-${tests}`).name, { ...owner, app: 'blog' })).rejects.toMatchObject({
    message: expect.stringContaining('belongs to the app shop'),
  });
});

test('down works with snapshots of objects that the app created under its own name', async () => {
  await shop.sql(environment, 'CREATE SCHEMA own; GRANT ALL ON SCHEMA own TO PUBLIC');
  await shop.sql(environment, `RESET ROLE; CREATE TABLE own.things AS SELECT 1 AS id`);
  await takeSnapshot(admin, { database, name: 'before', ...gentle });
  await resetDatabase(admin, shop.request(environment), shop.work);
  await restoreSnapshot(admin, { database, name: 'before', ...gentle });
  await shop.down(admin, environment);
  expect(await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [database])).toEqual([]);
  await undo(admin, { database, ...gentle });
  await shop.up(admin, environment);
  expect(await shop.sql(environment, 'SELECT id FROM own.things')).toEqual([{ id: 1 }]);
});

test('an interrupted command leaves the database open', async () => {
  const controller = new AbortController();
  const interrupted = await connectServer(server.login, controller.signal);
  const session = await idleSession(environment);
  // Keeps the copy from being complete.
  const other = await server.connect();
  await other.query('BEGIN; LOCK TABLE pg_shdescription IN SHARE MODE');
  const snapshot = failure(takeSnapshot(interrupted, { database, name: 'never', ...forced }));
  // Its sessions are ended when it is closed, and then it is copied.
  await until(() =>
    session.query('SELECT 1').then(
      () => false,
      () => true,
    ),
  );
  controller.abort();
  await other.close();
  expect(await snapshot).toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  await session.close();
  expect(await shop.orders(environment)).toEqual([1, 2, 3]);
});

test('of concurrent commands one runs after the other', async () => {
  const connections = await Promise.all([1, 2, 3, 4].map(() => server.connect()));
  const request = { database, name: 'same', ...gentle };
  const ends = await Promise.allSettled(connections.map((own) => takeSnapshot(own, request)));
  await Promise.all(connections.map((own) => own.close()));
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const end of ends) {
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'COPPICE_SNAPSHOT_EXISTS' });
  }
});

test('an undo is refused while there are sessions, and changes nothing', async () => {
  await resetDatabase(admin, shop.request(environment), shop.work);
  const session = await idleSession(environment);
  const watched = recorded(admin);
  const error = await failure(undo(watched, { database, ...gentle }));
  expect(error).toMatchObject({ code: 'COPPICE_DATABASE_IN_USE' });
  expect(watched.statements).not.toContainEqual(changeOfDatabase);
  await expect(session.query('SELECT 1')).resolves.toHaveLength(1);
  await session.close();
  expect(await listSnapshots(admin, database)).toHaveLength(1);
});

test("a snapshot of another repository's database of that name is neither restored, forked nor removed", async () => {
  await takeSnapshot(admin, { database, name: 'before', ...gentle });
  const [theirs] = await listSnapshots(admin, database);
  if (!theirs) throw new Error('it was taken');
  const foreign: Mark = { ...theirs.mark, repository: '/repositories/other/.git' };
  await writeMark(admin, theirs.database, foreign);
  const missing = { code: 'COPPICE_NO_SNAPSHOT' };
  await expect(restoreSnapshot(admin, { database, name: 'before', ...gentle })).rejects.toMatchObject(
    missing,
  );
  const { name: to, owner } = shop.request(`fork-${tests}`);
  const forking = { from: database, to, owner, sessions: 'last-snapshot' as const, ...gentle };
  await expect(forkDatabase(admin, forking)).rejects.toMatchObject(missing);
  const { owner: ours } = shop.request(environment);
  expect(await removeSnapshot(admin, { database, name: 'before', owner: ours })).toBe(false);
  await takeSnapshot(admin, { database, name: 'before', ...gentle });
  expect(await removeSnapshot(admin, { database, name: 'before', owner: ours })).toBe(true);
  expect(await listSnapshots(admin, database)).toMatchObject([{ mark: foreign }]);
});
