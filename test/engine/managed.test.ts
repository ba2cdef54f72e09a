import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { ManagedPostgresSettings } from '../../config/settings/settings.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { databaseInputs } from '../../resources/database/inputs.ts';
import { readAccess } from '../../resources/database/secret.ts';
import { databaseAccess } from '../../resources/database-access/handler.ts';
import { databaseTemplate } from '../../resources/database-template/handler.ts';
import { environment as claim } from '../../resources/environment/handler.ts';
import { connectServer, type Server } from '../../servers/postgres/connection/server.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { startTestServer, type TestServer } from '../servers/postgres/harness.ts';
import { cluster, destroy, Engine, up, Worktree } from './harness.ts';
import { postgresqlPlugin } from './postgresql-plugin.ts';

/** A managed server: the login may create databases and roles, but is not a superuser. */
let server: TestServer;
let superuser: Server;
let record: ClusterRecord;
let kube: Kube;
let engine: Engine;
let worktree: Worktree;
let plan: EnvironmentPlan;

const inPods = { host: 'db.example.com', port: 6543 };
const managed: ManagedPostgresSettings = { url: { env: 'COPPICE_TEST_MANAGED_URL' }, cluster: inPods };
const spec = `
version: 1
name: branches
database: { server: managed, seed: seed.sql }
`;

beforeAll(async () => {
  ({ record, kube } = await cluster());
  server = await startTestServer();
  superuser = await server.connect();
  await superuser.query(`CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'of the manager'`);
  process.env.COPPICE_TEST_MANAGED_URL = `postgres://manager:of%20the%20manager@127.0.0.1:${server.login.port}/postgres`;
  process.env.PGPASSWORD = 'of the manager';
  engine = new Engine();
});
beforeEach(async () => {
  worktree = new Worktree('feat/one', {
    'seed.sql': 'CREATE TABLE leaf AS SELECT generate_series(1, 7) AS id',
  });
  plan = await worktree.planWithFiles(record, spec);
});
afterEach(() => worktree.remove());
afterAll(async () => {
  engine?.remove();
  await superuser?.close();
  await server?.remove();
});

async function leaves(): Promise<number> {
  const access = await readAccess(kube, plan.namespace);
  expect(access).toMatchObject({
    host: inPods.host,
    port: String(inPods.port),
    name: 'wt_branches__feat_one',
  });
  const { name = '', user = '', password = '' } = access ?? {};
  const app = await connectServer({ ...server.login, user, password, maintenance: name });
  const [row] = await app.query<{ count: number }>('SELECT count(*)::int FROM leaf').finally(app.close);
  return row?.count ?? 0;
}

const left = async () =>
  (
    await superuser.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datname LIKE 'wt\\_%'
       UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'wt\\_%'`,
    )
  ).map(({ name }) => name);

async function comesAndGoes(settings: ManagedPostgresSettings): Promise<void> {
  const program = environmentProgram({ plan, record, managed: settings });
  const stack = await engine.stack(plan.app, plan.slug, program);
  try {
    expect(await up(stack)).toMatchObject({ succeeded: true });
    expect(await leaves()).toBe(7);
    const again = await up(stack, { refresh: true });
    expect(again.changes).toEqual({ same: again.changes.same });
    const state = JSON.stringify(await stack.exportStack());
    expect(state).not.toContain('of the manager');
    expect(state).not.toContain((await readAccess(kube, plan.namespace))?.password);
  } finally {
    expect(await destroy(stack)).toMatchObject({ succeeded: true });
  }
  expect(await left()).toEqual([]);
}

test('an environment has its database on a managed server, with a login that is not a superuser', async () => {
  await comesAndGoes(managed);
});

const plugin = postgresqlPlugin();
if (plugin === undefined)
  console.log('no pulumi-resource-postgresql below PULUMI_HOME or on PATH: @pulumi/postgresql is not tried');

test.runIf(plugin !== undefined)(
  'an environment has its database by the plugin of @pulumi/postgresql',
  async () => {
    await comesAndGoes({ ...managed, resources: 'postgresql' });
  },
);

describe('around the plugin, for which equivalent SQL stands in,', () => {
  const context = { signal: new AbortController().signal };
  const inputs = () => {
    const made = databaseInputs(plan, record, { ...managed, resources: 'postgresql' });
    if (!made) throw new Error('the plan has no database');
    return made;
  };

  test('the template is built before, and the access after', async () => {
    const { kubeconfig, context: name, uid } = record;
    const { repository, branch, worktree: folder, commit } = plan.identity;
    const whose = { app: plan.app, slug: plan.slug, repository, branch, worktree: folder, commit };
    const claimed = await claim.create({ kubeconfig, context: name, cluster: uid, ...whose }, context);
    const manager = await connectServer({ ...server.login, user: 'manager', password: 'of the manager' });
    try {
      const { outputs } = await databaseTemplate.create(inputs(), context);
      expect(outputs).toMatchObject({ host: '127.0.0.1', username: 'manager', sslmode: 'disable' });
      const database = plan.database?.engine === 'postgres' ? plan.database.name : '';
      await manager.query(`CREATE ROLE ${database} LOGIN`);
      await manager.query(`GRANT branches_owner TO ${database}`);
      await manager.query(`CREATE DATABASE ${database} TEMPLATE ${outputs.template}`);
      await manager.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);

      const wanted = { ...inputs(), template: outputs.template };
      const made = await databaseAccess.create(wanted, context);
      expect(await leaves()).toBe(7);
      expect(await databaseAccess.diff(made.outputs, wanted, context)).toEqual({ changes: false });
      expect(await databaseTemplate.diff(outputs, inputs(), context)).toEqual({ changes: false });

      await databaseAccess.delete(made.id, made.outputs, context);
      expect(await readAccess(kube, plan.namespace)).toBeUndefined();
      // Dropping it is left to the plugin.
      expect(await left()).toEqual([database]);
      await manager.query(`DROP DATABASE ${database}`);
      await manager.query(`DROP ROLE ${database}`);
      expect(await databaseTemplate.diff(outputs, inputs(), context)).toEqual({ changes: true });
    } finally {
      await manager.close();
      await claim.delete(claimed.id, claimed.outputs, context);
    }
  });

  test('a password that the plugin would not have is refused before anything is created', async () => {
    process.env.PGPASSWORD = 'another';
    try {
      await expect(databaseTemplate.create(inputs(), context)).rejects.toMatchObject({
        code: 'COPPICE_MANAGED_DATABASE',
        hint: expect.stringContaining('PGPASSWORD'),
      });
    } finally {
      process.env.PGPASSWORD = 'of the manager';
    }
  });
});
