import fc from 'fast-check';
import { expect } from 'vitest';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer } from '../../../servers/postgres/connection/server.ts';
import { plansWith, seed } from '../accepted.ts';
import { admin, server, test } from './fixture.ts';
import { runIn, testOwner } from './harness.ts';

/** What the spec accepts, a real server accepts. */

/** All that the platform's server has and lets an app create. */
const extensions = fc.uniqueArray(
  fc.constantFrom(
    'pgcrypto',
    'unaccent',
    'btree_gin',
    'citext',
    'hstore',
    'ltree',
    'pg_trgm',
    'pg_stat_statements',
    'fuzzystrmatch',
    'tablefunc',
  ),
  { maxLength: 2 },
);
const section = fc.record({ database: fc.record({ extensions }) });

test(`the server accepts every database of a spec that is accepted (COPPICE_TEST_SEED=${seed})`, async () => {
  const plans = plansWith(section, 8);
  const wanted = new Map(plans.map((plan) => [plan.namespace, plan]));
  expect(wanted.size).toBeGreaterThan(2);
  const { signal } = new AbortController();
  const work = { run: runIn(server, {}), signal };
  for (const [index, { app, slug, database }] of [...wanted.values()].entries()) {
    if (database?.engine !== 'postgres') throw new Error('the plan has no database');
    const { name, owner, extensions } = database;
    const hash = index.toString(16).padStart(16, '0');
    const request = {
      name,
      password: `password of ${name}`,
      owner: testOwner(slug, app),
      template: { app, owner, extensions, migrations: [], hash, sourceHash: hash.replace(/^0/, 'f') },
    };
    const about = `${app}/${slug}: ${JSON.stringify(database)}`;
    expect(await ensureDatabase(admin, request, work), about).toMatchObject({ created: true });
    const session = await connectServer({
      ...server.login,
      user: name,
      password: request.password,
      maintenance: name,
    });
    const rows = await session
      .query(
        `SELECT current_database() AS name, array_agg(extname::text ORDER BY extname) AS has FROM pg_extension`,
      )
      .finally(session.close);
    expect(rows, about).toMatchObject([{ name, has: expect.arrayContaining([...extensions]) }]);
    await dropDatabase(admin, { name, owner: request.owner });
  }
});
