import { setMaxListeners } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { database } from '../../resources/database/handler.ts';
import { databaseInputs } from '../../resources/database/inputs.ts';
import { readAccess } from '../../resources/database/secret.ts';
import { environment } from '../../resources/environment/handler.ts';
import { connectServer, type Server } from '../../servers/postgres/connection/server.ts';
import { marks } from '../../servers/postgres/marks/mark.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { get, wtOk } from '../e2e/harness.ts';
import { cluster, destroy, Engine, up, Worktree } from './harness.ts';

let record: ClusterRecord;
let kube: Kube;
let engine: Engine;
const worktrees: Worktree[] = [];
const repository = '/src/ledger/.git';

beforeAll(async () => {
  ({ record, kube } = await cluster());
  if (process.env.COPPICE_TEST_FOLDER) await wtOk(['platform', 'up', '--with', 'postgres']);
  engine = new Engine();
});
afterEach(async () => {
  for (const worktree of worktrees.splice(0)) {
    const plan = worktree.plan(record, 'version: 1\nname: ledger\n');
    await destroy(await engine.environment(plan, record));
    worktree.remove();
  }
});
afterAll(async () => {
  // Including templates and snapshots: other tests count databases.
  await onServer(async (server) => {
    for (const { name, mark } of await marks(server)) {
      if (mark?.app !== 'ledger') continue;
      await server.query(`ALTER DATABASE "${name}" IS_TEMPLATE false`);
      await server.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    }
  });
  engine.remove();
});

/** The simplest possible migration tool: psql in a loop, which records what it did. */
const migrate = `set -eu
psql -qX -c 'CREATE TABLE IF NOT EXISTS applied (name text PRIMARY KEY)'
for file in db/*.sql; do
  if [ -z "$(psql -qXtA -c "SELECT 1 FROM applied WHERE name = '$file'")" ]; then
    echo "applies $file"
    psql -qX -v ON_ERROR_STOP=1 -1 -f "$file" -c "INSERT INTO applied VALUES ('$file')"
  fi
done
`;
const files = {
  'migrate.sh': migrate,
  'db/1-accounts.sql': 'CREATE TABLE accounts (id serial PRIMARY KEY, owner text NOT NULL);',
  'seed.sql': "INSERT INTO accounts (owner) VALUES ('ann'), ('bob');",
};
const spec = (more = '', command = 'sh migrate.sh', services = '') => `
version: 1
name: ledger
${services}
database:
  migrate: { image: "${record.images.postgres}", command: "${command}", inputs: ["db/*.sql"]${more} }
  seed: seed.sql
`;

function worktreeOf(branch: string, more: Readonly<Record<string, string>> = {}): Worktree {
  const worktree = new Worktree(branch, { ...files, ...more }, repository);
  worktrees.push(worktree);
  return worktree;
}

async function upOf(worktree: Worktree, text = spec(), of = engine) {
  const plan = await worktree.planWithFiles(record, text);
  return { plan, ...(await up(await of.environment(plan, record))) };
}

function onServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
  const { postgres } = record;
  const server = { kind: 'platform' as const, ...(postgres && { port: postgres.port }) };
  return withServer(kube, { server }, AbortSignal.timeout(300_000), work);
}

/** Like the environment's own pods, with the values of its Secret. */
async function ask<T = Record<string, unknown>>({ namespace }: EnvironmentPlan, sql: string): Promise<T[]> {
  const access = await readAccess(kube, namespace);
  if (!access) throw new Error(`${namespace} has no Secret database`);
  const { user, password, name: maintenance } = access;
  const port = record.postgres?.port ?? 0;
  const server = await connectServer({ host: '127.0.0.1', port, user, password, maintenance });
  try {
    return await server.query<T>(sql);
  } finally {
    await server.close();
  }
}
const owners = (plan: EnvironmentPlan) =>
  ask<{ owner: string }>(plan, 'SELECT owner FROM accounts ORDER BY id').then((rows) =>
    rows.map(({ owner }) => owner),
  );
const stateOf = async (plan: EnvironmentPlan) => {
  const stack = await engine.environment(plan, record);
  const { deployment } = await stack.exportStack();
  const resources = deployment.resources as { type: string; outputs: Record<string, unknown> }[];
  return resources.find(({ type }) => type === 'coppice:index:Database')?.outputs ?? {};
};
const exists = (name: string) =>
  onServer(async (server) => (await marks(server)).some((found) => found.name === name));

describe('a database', () => {
  test('comes with its migrations and its seed, and is unchanged by a second up', async () => {
    const worktree = worktreeOf('feat/first');
    const first = await upOf(worktree);
    expect(first.errors).toEqual([]);
    expect(await owners(first.plan)).toEqual(['ann', 'bob']);
    expect(await stateOf(first.plan)).toMatchObject({
      name: 'wt_ledger__feat_first',
      template: expect.stringMatching(/^tpl_ledger__[0-9a-f]{16}$/),
      strategy: expect.stringMatching(/^(clone|copy|wal_log)$/),
      milliseconds: expect.any(Number),
      adopted: false,
    });
    const second = await upOf(worktree);
    expect(Object.keys(second.changes)).toEqual(['same']);
  });

  test('is separate for every worktree, from one template', async () => {
    const [one, other] = [await upOf(worktreeOf('feat/one')), await upOf(worktreeOf('feat/other'))];
    await ask(one.plan, "INSERT INTO accounts (owner) VALUES ('carl')");
    expect(await owners(one.plan)).toEqual(['ann', 'bob', 'carl']);
    expect(await owners(other.plan)).toEqual(['ann', 'bob']);
    expect((await stateOf(one.plan)).template).toBe((await stateOf(other.plan)).template);
  });

  test('leaves no password in the state, and no Job or Secret beside the platform', async () => {
    const { plan } = await upOf(worktreeOf('feat/secret'));
    const access = await readAccess(kube, plan.namespace);
    const { deployment } = await (await engine.environment(plan, record)).exportStack();
    expect(access?.password).toMatch(/^[\w-]{32}$/);
    expect(JSON.stringify(deployment)).not.toContain(access?.password);
    const namespace = 'coppice';
    expect((await kube.batch.listNamespacedJob({ namespace })).items).toEqual([]);
    const { items } = await kube.core.listNamespacedSecret({ namespace });
    expect(items.filter(({ metadata }) => /^(migrate|seed|restore)-/.test(metadata?.name ?? ''))).toEqual([]);
  });

  test('is passed to the pods that refer to it', async () => {
    const app = `
const { createServer } = require('node:http');
createServer((_, response) => response.end(process.env.URL + ' ' + process.env.PRICE)).listen(process.env.PORT);
`;
    const worktree = worktreeOf('feat/pods', { 'server.js': app });
    const services = `services:
  web: { runtime: node, command: node server.js, port: 3000, env: { URL: "\${database.url}", PRICE: "$5 (\${database.name})" } }`;
    const { plan, errors } = await upOf(worktree, spec('', 'sh migrate.sh', services));
    expect(errors).toEqual([]);
    const access = await readAccess(kube, plan.namespace);
    const answer = await get('feat-pods.ledger.localhost', '/', record.http.port);
    expect(answer.body).toBe(`${access?.url} $5 (wt_ledger__feat_pods)`);
    expect(access?.url).toMatch(/@postgres\.coppice\.svc:5432\/wt_ledger__feat_pods$/);
  });
});

describe('migrations', () => {
  const added = 'ALTER TABLE accounts ADD COLUMN balance numeric NOT NULL DEFAULT 0;';

  test('that are new run on the existing database, alter its tables and keep its rows', async () => {
    const [worktree, neighbour] = [worktreeOf('feat/add'), await upOf(worktreeOf('feat/add-not'))];
    const before = await upOf(worktree);
    await ask(before.plan, "INSERT INTO accounts (owner) VALUES ('carl')");
    worktree.write('db/2-balance.sql', added);
    const after = await upOf(worktree);
    expect(after.errors).toEqual([]);
    const rows = await ask(after.plan, 'SELECT owner, balance::int FROM accounts ORDER BY id');
    expect(rows.at(-1)).toEqual({ owner: 'carl', balance: 0 });
    expect(await ask(neighbour.plan, 'SELECT * FROM accounts LIMIT 1')).toEqual([{ id: 1, owner: 'ann' }]);
    expect(Object.keys((await upOf(worktree)).changes)).toEqual(['same']);
  });

  test('that were edited or removed after they ran are refused by name, and accepted once restored', async () => {
    const worktree = worktreeOf('feat/edit');
    const { plan } = await upOf(worktree);
    worktree.write('db/1-accounts.sql', `${files['db/1-accounts.sql']} -- edited`);
    const refused = await upOf(worktree);
    expect(refused.succeeded).toBe(false);
    expect(refused.errors.join('\n')).toMatch(/edited: db\/1-accounts\.sql[\s\S]*wt db reset/);
    expect(await owners(plan)).toEqual(['ann', 'bob']);
    worktree.write('db/1-accounts.sql', files['db/1-accounts.sql']);
    expect((await upOf(worktree)).errors).toEqual([]);
  });

  test('that fail, fail up with their output, and the next up runs them again', async () => {
    const worktree = worktreeOf('feat/fail', { 'db/2-broken.sql': 'CREATE TABLE broken (id nonsense);' });
    const failed = await upOf(worktree);
    expect(failed.succeeded).toBe(false);
    expect(failed.errors.join('\n')).toMatch(
      /migrate of ledger \(sh migrate\.sh\) ended with exit code \d+[\s\S]*type "nonsense" does not exist/,
    );
    expect(await exists('wt_ledger__feat_fail')).toBe(false);
    worktree.write('db/2-broken.sql', added);
    const mended = await upOf(worktree);
    expect(mended.errors).toEqual([]);
    expect(await owners(mended.plan)).toEqual(['ann', 'bob']);
  });

  test('that never end are stopped, with their output so far', async () => {
    const command = 'echo begins; exec sleep 1000 # db/1-accounts.sql';
    const stopped = await upOf(worktreeOf('feat/endless'), spec(', timeout: 3s', command));
    expect(stopped.succeeded).toBe(false);
    expect(stopped.errors.join('\n')).toMatch(/was stopped after 3 s[\s\S]*begins/);
    const { items } = await kube.core.listNamespacedPod({ namespace: 'coppice' });
    expect(items.filter(({ metadata }) => /^migrate-/.test(metadata?.name ?? ''))).toEqual([]);
  });
});

describe('a dump', () => {
  const dump = `
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';
CREATE TABLE public.people (name text, mail text);
ALTER TABLE public.people OWNER TO somebody_else;
COPY public.people (name, mail) FROM stdin;
GRANT Wood;\tgrant@example.com
ann\tann@example.com
\\.
GRANT SELECT ON TABLE public.people TO readers;
`;
  const text = () => `
version: 1
name: ledger
database:
  extensions: [pgcrypto]
  from: { dump: prod.sql, mask: mask.sql }
  migrate: { image: "${record.images.postgres}", command: "sh migrate.sh", inputs: ["db/*.sql"] }
`;

  test('is restored without its owners and extensions, masked, and then migrated', async () => {
    const mask = "UPDATE people SET mail = md5(mail) || '@example.invalid';";
    const { plan, errors } = await upOf(
      worktreeOf('feat/dump', { 'prod.sql': dump, 'mask.sql': mask }),
      text(),
    );
    expect(errors).toEqual([]);
    const rows = await ask<{ name: string; mail: string }>(plan, 'SELECT * FROM people ORDER BY name');
    expect(rows.map(({ name }) => name)).toEqual(['GRANT Wood;', 'ann']);
    for (const { mail } of rows) expect(mail).toMatch(/^[0-9a-f]{32}@example\.invalid$/);
    expect(await ask(plan, 'SELECT name FROM applied')).toEqual([{ name: 'db/1-accounts.sql' }]);
  });

  test('that is truncated fails up, and nothing of it is left', async () => {
    const { gzipSync } = await import('node:zlib');
    const worktree = worktreeOf('feat/cut', { 'mask.sql': 'SELECT 1' });
    const { writeFileSync } = await import('node:fs');
    const rows = Array.from({ length: 5000 }, (_, row) => `${Math.sin(row)}\tx`).join('\n');
    const long = dump.replace('ann\t', `${rows}\nann\t`);
    writeFileSync(`${worktree.folder}/prod.sql`, gzipSync(long).subarray(0, -2000));
    const failed = await upOf(worktree, text());
    expect(failed.succeeded).toBe(false);
    expect(failed.errors.join('\n')).toContain(
      'the dump prod.sql cannot be read: gzip data is damaged or cut short: unexpected end of file',
    );
    expect(await exists('wt_ledger__feat_cut')).toBe(false);
  });
});

describe('what exists already', () => {
  test('is adopted with its rows when the state does not contain it', async () => {
    const worktree = worktreeOf('feat/adopt');
    const { plan } = await upOf(worktree);
    await ask(plan, "INSERT INTO accounts (owner) VALUES ('carl')");
    const forgetful = new Engine();
    try {
      const again = await upOf(worktree, spec(), forgetful);
      expect(again.errors).toEqual([]);
      expect(await owners(plan)).toEqual(['ann', 'bob', 'carl']);
    } finally {
      forgetful.remove();
    }
  });

  test("is refused without an owner's mark", async () => {
    const name = 'wt_ledger__feat_foreign';
    await onServer((server) => server.query(`CREATE DATABASE ${name}`));
    try {
      const refused = await upOf(worktreeOf('feat/foreign'));
      expect(refused.errors.join('\n')).toMatch(/wt_ledger__feat_foreign exists but was not created/);
      expect(await exists(name)).toBe(true);
    } finally {
      await onServer((server) => server.query(`DROP DATABASE ${name}`));
    }
  });

  test('is recreated by the next up when it, or the Secret, was deleted', async () => {
    const worktree = worktreeOf('feat/gone');
    const { plan } = await upOf(worktree);
    await onServer((server) => server.query('DROP DATABASE wt_ledger__feat_gone WITH (FORCE)'));
    expect((await upOf(worktree)).errors).toEqual([]);
    expect(await owners(plan)).toEqual(['ann', 'bob']);
    await kube.core.deleteNamespacedSecret({ namespace: plan.namespace, name: 'database' });
    expect((await upOf(worktree)).errors).toEqual([]);
    expect(await owners(plan)).toEqual(['ann', 'bob']);
  });
});

describe('a deletion', () => {
  test('removes database, role and Secret, despite open sessions, and may be repeated', async () => {
    const worktree = worktreeOf('feat/delete');
    const { plan } = await upOf(worktree);
    const access = await readAccess(kube, plan.namespace);
    const { user = '', password = '' } = access ?? {};
    const port = record.postgres?.port ?? 0;
    const idle = await connectServer({ host: '127.0.0.1', port, user, password, maintenance: user });
    const stack = await engine.environment(plan, record);
    expect((await destroy(stack)).errors).toEqual([]);
    await idle.close();
    expect(await exists('wt_ledger__feat_delete')).toBe(false);
    const roles = await onServer((server) =>
      server.query('SELECT FROM pg_roles WHERE rolname = $1', ['wt_ledger__feat_delete']),
    );
    expect(roles).toEqual([]);
    const secret = kube.core.readNamespacedSecret({ namespace: plan.namespace, name: 'database' });
    expect(await unlessGone(secret)).toBeUndefined();
    expect((await destroy(stack)).errors).toEqual([]);
  });

  test('of what was already deleted is no error', async () => {
    const { plan } = await upOf(worktreeOf('feat/dropped'));
    await onServer((server) => server.query('DROP DATABASE wt_ledger__feat_dropped WITH (FORCE)'));
    expect((await destroy(await engine.environment(plan, record))).errors).toEqual([]);
  });

  test('from a spec deletes the database and keeps the environment', async () => {
    const worktree = worktreeOf('feat/without');
    await upOf(worktree);
    const plan = worktree.plan(record, 'version: 1\nname: ledger\n');
    const done = await up(await engine.environment(plan, record));
    expect(done.errors).toEqual([]);
    expect(done.changes).toMatchObject({ delete: 1 });
    expect(await exists('wt_ledger__feat_without')).toBe(false);
  });
});

test('twenty environments get twenty databases at once', async () => {
  const context = { signal: AbortSignal.timeout(300_000) };
  setMaxListeners(0, context.signal);
  const many: Worktree[] = [];
  const plans = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const worktree = new Worktree(`many/${index}`, files, repository);
      many.push(worktree);
      return worktree.planWithFiles(record, spec());
    }),
  );
  // The first builds the template, the other nineteen wait for it.
  const made = await Promise.all(
    plans.map(async (plan) => {
      const { kubeconfig, context: name, uid } = record;
      const { app, slug, identity } = plan;
      const claim = { kubeconfig, context: name, cluster: uid, app, slug, ...identity };
      const claimed = await environment.create(claim, context);
      const inputs = databaseInputs(plan, { ...record, mountPath: '/' });
      if (!inputs) throw new Error('the plan has no database');
      return { plan, claimed, database: await database.create(inputs, context) };
    }),
  );
  try {
    const templates = new Set(made.map((one) => one.database.outputs.template));
    expect(templates.size).toBe(1);
    for (const { plan } of made) expect(await owners(plan)).toEqual(['ann', 'bob']);
  } finally {
    await Promise.all(
      made.map(async (one) => {
        await database.delete(one.database.id, one.database.outputs, context);
        await environment.delete(one.claimed.id, one.claimed.outputs, context);
      }),
    );
    for (const worktree of many) worktree.remove();
  }
});
