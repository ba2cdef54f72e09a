import { databaseName } from '../../../core/names.ts';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { type DatabaseRequest, ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { runIn, type TestServer, testOwner } from './harness.ts';

/** Settings that make a server look like the platform's, with shared blocks, whatever the disk here. */
export const platformSettings = { 'coppice.volume': 'loop', 'coppice.reflink': 'on' };

const migration = { path: 'db/001-orders.sql', sha256: '1'.repeat(64) };

/** Environments of one small app: a table of orders with the rows 1 to 3. */
export function environmentsOf(server: TestServer) {
  const { signal } = new AbortController();
  const work = {
    run: runIn(server, { migrate: (database) => database.query('CREATE TABLE orders (id int PRIMARY KEY)') }),
    signal,
  };
  const request = (environment: string): DatabaseRequest => ({
    name: databaseName('shop', environment),
    password: `password of ${environment}`,
    owner: testOwner(environment),
    template: {
      app: 'shop',
      owner: 'shop_owner',
      extensions: [],
      migrations: [migration],
      seed: { kind: 'sql', text: 'INSERT INTO orders VALUES (1), (2), (3)' },
      hash: 'c0ffee0000000000',
      sourceHash: 'c0ffee0000000001',
    },
  });
  /** A session of the environment's own login, as the app opens it. */
  const connect = (environment: string): Promise<Server> => {
    const { name, password } = request(environment);
    return connectServer({ ...server.login, user: name, password, maintenance: name });
  };
  const sql = async (environment: string, text: string): Promise<unknown[]> => {
    const session = await connect(environment);
    return session.query(text).finally(session.close);
  };
  return {
    request,
    work,
    connect,
    sql,
    up: (admin: Server, environment: string) => ensureDatabase(admin, request(environment), work),
    down: (admin: Server, environment: string) => dropDatabase(admin, request(environment)),
    /** The current orders of an environment. */
    orders: async (environment: string): Promise<number[]> => {
      const rows = await sql(environment, 'SELECT id FROM orders ORDER BY id');
      return rows.map((row) => (row as { id: number }).id);
    },
    add: (environment: string, id: number) => sql(environment, `INSERT INTO orders VALUES (${id})`),
  };
}
