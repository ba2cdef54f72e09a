import { randomUUID } from 'node:crypto';
import { setTimeout as timeout } from 'node:timers/promises';
import { dropDatabaseNow } from '../servers/postgres/clones/clone.ts';
import { dropDatabase } from '../servers/postgres/clones/drop.ts';
import { ensureDatabase } from '../servers/postgres/clones/ensure.ts';
import type { Server } from '../servers/postgres/connection/server.ts';
import { inventory } from '../servers/postgres/inventory/inventory.ts';
import { findOrphans } from '../servers/postgres/inventory/orphans.ts';
import { removeOrphans } from '../servers/postgres/inventory/remove-orphans.ts';
import { listSnapshots } from '../servers/postgres/snapshots/snapshots.ts';
import { startTestServer, testOwner } from '../test/servers/postgres/harness.ts';
import { report } from './measure.ts';
import { pgbenchTemplate } from './pgbench.ts';

const kills = 200;
const seed = 20261121;
const app = 'kills';
/** https://en.wikipedia.org/wiki/Linear_congruential_generator, constants of Numerical Recipes: repeatable. */
let state = seed;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

const postgres = await startTestServer({ volume: { fileSystem: 'xfs', mebibytes: 8192 } });
const signal = new AbortController().signal;
const noRun = () => Promise.reject(new Error('nothing to run'));
const keeper = { name: 'wt_kills__keeper', owner: testOwner('keeper', app) };
let acknowledged = 0;
let orphansFound = 0;
const left: unknown[] = [];
const lost: unknown[] = [];
const killedDuring: Record<string, number> = {};
try {
  const first = await postgres.connect();
  const { request } = await pgbenchTemplate(first, app, 10);
  const password = randomUUID();
  await ensureDatabase(first, { ...keeper, password, template: request }, { run: noRun, signal });
  const keep = await first.in(keeper.name);
  await keep.query('CREATE TABLE acknowledged (number bigint PRIMARY KEY)');
  await keep.close();
  await first.close();

  for (let index = 0; index < kills; index++) {
    const environment = `e-${index}`;
    const name = `wt_kills__e_${index}`;
    const owner = testOwner(environment, app);
    let doing = 'nothing';
    const server = await postgres.connect();
    const writer = await server.in(keeper.name);
    const write = (async () => {
      for (;;) {
        await writer.query('INSERT INTO acknowledged VALUES ($1)', [acknowledged + 1]);
        acknowledged += 1;
      }
    })().catch(() => undefined);
    const work = (async () => {
      for (;;) {
        doing = 'create';
        await ensureDatabase(server, { name, owner, password, template: request }, { run: noRun, signal });
        doing = 'drop';
        await dropDatabase(server, { name, owner });
      }
    })().catch(() => undefined);
    await timeout(5 + random() * 250);
    killedDuring[doing] = (killedDuring[doing] ?? 0) + 1;
    await postgres.kill();
    await Promise.all([write, work]);
    await Promise.all([server.close(), writer.close()]);
    await postgres.start();

    const after = await postgres.connect();
    const existing = [{ app, environment: 'keeper' }];
    const sweep = async (): Promise<number> => {
      const found = findOrphans(await inventory(after), existing, new Date());
      await removeOrphans(after, found, { force: true });
      return found.length;
    };
    orphansFound += await sweep();
    const again = findOrphans(await inventory(after), existing, new Date());
    if (again.length > 0) left.push({ index, orphans: again });
    const rows = await rowsOf(after);
    // The last insert may have been committed and not acknowledged.
    if (rows < acknowledged) lost.push({ index, acknowledged, rows });
    acknowledged = rows;
    for (const { database } of await listSnapshots(after)) await dropDatabaseNow(after, database);
    await after.close();
  }
} finally {
  await postgres.remove();
}

async function rowsOf(server: Server): Promise<number> {
  const keep = await server.in(keeper.name);
  const [row] = await keep.query<{ rows: number }>('SELECT count(*)::int AS rows FROM acknowledged');
  await keep.close();
  return row?.rows ?? 0;
}

report({
  name: 'database-kills',
  method: `A server on XFS with reflink, killed with SIGKILL ${kills} times at random moments (seed ${seed}) while databases of 160 MB are created and dropped by ensureDatabase and dropDatabase and another database is written to. After each restart: one sweep, then a look whether any orphan is left and whether every acknowledged row is there.`,
  series: {},
  reach: [
    { what: 'orphans left after a sweep', value: left.length, bound: 0 },
    { what: 'kills that lost an acknowledged row', value: lost.length, bound: 0 },
  ],
  details: { kills, seed, killedDuring, orphansFoundBySweeps: orphansFound, acknowledged, left, lost },
});
