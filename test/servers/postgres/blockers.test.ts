import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { quote } from '../../../core/shell.ts';
import { whileWatched } from '../../../servers/postgres/connection/blockers.ts';
import { withServerLock } from '../../../servers/postgres/connection/lock.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { runCommand } from '../../../servers/postgres/templates/run-command.ts';
import { runSql } from '../../../servers/postgres/templates/run-sql.ts';
import { runIn, startTestServer, type TestServer, until } from './harness.ts';

let server: TestServer;
let admin: Server;
const { signal } = new AbortController();

beforeAll(async () => {
  server = await startTestServer({ settings: { max_prepared_transactions: '5' } });
  admin = await server.connect();
  await admin.query('CREATE TABLE orders (id int)');
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

const alter = 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS price int';
const as = () => ({ database: 'postgres', user: 'postgres', password: server.login.password });
let said: string[];
beforeEach(() => {
  said = [];
});
const heard = (text: string) => void said.push(text);

/** A console whose transaction was begun, has looked at a table, and is left open. */
async function console(): Promise<Server> {
  const session = await connectServer({ ...server.login, maintenance: 'postgres' });
  await session.query(`SET application_name = 'psql'; BEGIN; SELECT count(*) FROM orders`);
  return session;
}

test('a migration that waits names the session in its way at once, and again when it is stopped', async () => {
  const session = await console();
  const run = runIn(server, {
    migrate: async (database, { session: name }) => {
      await database.query(`SET application_name = '${name}'`);
      const stopped = database.query(alter).catch(() => undefined);
      await until(() => said.length > 0);
      const other = await server.connect();
      await other.query(`SELECT pg_cancel_backend(${database.pid})`);
      await other.close();
      await stopped;
      saidBefore = said.length;
      throw new CoppiceError('COPPICE_MIGRATION', 'migrate of shop was stopped');
    },
  });
  const nameClient = async (address: string) => `pod web-1 of shop/main (${address})`;
  let saidBefore = 0;
  const failed = runCommand(admin, { run, signal, note: heard, nameClient }, { kind: 'migrate', ...as() });
  const blocker = new RegExp(
    String.raw`lock[\s\S]*psql from pod web-1 of shop/main \(127.0.0.1\) \(login postgres\), idle in transaction, for .*process ${session.pid}`,
  );
  await expect(failed).rejects.toMatchObject({
    code: 'COPPICE_MIGRATION',
    message: expect.stringMatching(blocker),
    hint: expect.stringContaining(`pg_terminate_backend(${session.pid})`),
  });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(blocker);
  expect(saidBefore).toBe(1);
  await session.close();
});

test('a seed of SQL says it too, and goes on when the session ends', async () => {
  const session = await console();
  const seeded = runSql(admin, as(), 'seed', { text: alter }, heard);
  await until(() => said.length > 0);
  expect(said[0]).toMatch(/psql from 127.0.0.1 .*idle in transaction/);
  await session.close();
  await seeded;
});

test('a prepared transaction has no session: it is named, with how to end it', async () => {
  const session = await console();
  await session.query(`PREPARE TRANSACTION 'left open'`);
  await session.close();
  const elsewhere = await connectServer({ ...server.login, maintenance: 'template1' });
  await elsewhere.query(`BEGIN; CREATE TABLE other (id int); PREPARE TRANSACTION 'of another branch'`);
  const seeded = runSql(admin, as(), 'seed', { text: alter }, heard);
  await until(() => said.length > 0);
  expect(said[0]).toMatch(/prepared transaction left open[\s\S]*ROLLBACK PREPARED 'left open'/);
  expect(said[0]).not.toContain('of another branch');
  await admin.query(`ROLLBACK PREPARED 'left open'`);
  await elsewhere.query(`ROLLBACK PREPARED 'of another branch'`);
  await elsewhere.close();
  await seeded;
});

test('a prepared transaction is named with its database, and quoted for SQL and for a shell', async () => {
  await admin.query(`BEGIN; CREATE ROLE shared; PREPARE TRANSACTION 'it''s $HOME'`);
  const waitingIn = async (maintenance: string) => {
    const own = await connectServer({ ...server.login, maintenance });
    const heardHere: string[] = [];
    const listen = (text: string) => void heardHere.push(text);
    const work = whileWatched(own, { waiter: { pid: own.pid }, onBlocked: listen }, () =>
      own.query('CREATE ROLE shared').catch(() => undefined),
    );
    await until(() => heardHere.length > 0);
    return { text: heardHere[0], end: () => work.finally(own.close) };
  };
  const [here, there] = await Promise.all(['postgres', 'template1'].map(waitingIn));
  expect(here?.text).toContain(`wt db psql -c ${quote("ROLLBACK PREPARED 'it''s $HOME'", 'posix')}`);
  expect(there?.text).toContain("prepared transaction it's $HOME of database postgres");
  expect(there?.text).toContain("ROLLBACK PREPARED 'it''s $HOME' in database postgres");
  await admin.query(`ROLLBACK PREPARED 'it''s $HOME'`);
  await Promise.all([here?.end(), there?.end()]);
});

test('a watch whose connection is lost connects again', async () => {
  const session = await console();
  const seeded = runSql(admin, as(), 'seed', { text: alter }, heard);
  const watches = `FROM pg_stat_activity WHERE query LIKE '%pg_blocking_pids%' AND pid <> pg_backend_pid()`;
  await until(async () => (await admin.query(`SELECT ${watches}`)).length > 0);
  await admin.query(`SELECT pg_terminate_backend(pid) ${watches}`);
  await until(() => said.length > 0);
  expect(said[0]).toMatch(/psql from 127.0.0.1/);
  await session.close();
  await seeded;
});

test('who holds the lock of a database is another wt', async () => {
  let end: (() => void) | undefined;
  const held = withServerLock(admin, 'shop', () => new Promise<void>((resolve) => (end = resolve)));
  await until(() => end !== undefined);
  const waited = withServerLock(
    admin,
    'shop',
    async () => {},
    (text) => heard(text ?? 'waiting'),
  );
  await until(() => said.length > 1);
  expect(said[0]).toBe('waiting');
  expect(said[1]).toMatch(/another wt is at work/);
  end?.();
  await Promise.all([held, waited]);
});

test('nothing is said of work that does not wait, nor added to its error', async () => {
  const failing = whileWatched(admin, { waiter: { pid: admin.pid }, onBlocked: heard }, async () => {
    await admin.query('SELECT pg_sleep(2.5)');
    throw new CoppiceError('COPPICE_SEED', 'it failed');
  });
  await expect(failing).rejects.toMatchObject({ message: 'it failed' });
  expect(said).toEqual([]);
});
