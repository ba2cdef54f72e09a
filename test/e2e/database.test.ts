import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { edit, eventually, get, kubectl, Repository, startWt, wt, wtOk } from './harness.ts';

/** The shop with its database, under another name. */
const spec = `version: 1
name: bookshop
services:
  api:
    runtime: node
    command: [node, api/server.js]
    port: 4000
    primary: true
    env: { DATABASE_URL: "\${database.url}", ENVIRONMENT: "\${environment.name}" }
    ready: { path: /healthz }
database:
  migrate: { command: [node, db/migrate.js], inputs: [db/migrations/*.sql] }
  seed: db/seed.sql
`;

let repository: Repository;
let main: string;
let branch: string;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  repository = new Repository({ spec });
  edit(join(repository.top, 'Pulumi.yaml'), 'name: shop', 'name: bookshop');
  repository.commit('Sell books');
  main = repository.top;
  branch = repository.worktree('feat/notes');
  await wtOk(['up'], { cwd: main });
  await wtOk(['up'], { cwd: branch });
});

afterAll(async () => {
  for (const cwd of [main, branch]) await wt(['down'], { cwd });
  repository.remove();
});

/** One per worktree, kept because `down` removes the password. */
const urls = new Map<string, string>();

/** Runs a query on this machine with the environment's own login. */
async function sql(cwd: string, text: string): Promise<Record<string, unknown>[]> {
  const url = urls.get(cwd) ?? (await urlOf(cwd));
  urls.set(cwd, url);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function json<T>(cwd: string, ...args: string[]): Promise<T> {
  return JSON.parse((await wtOk(['db', ...args, '--json'], { cwd })).stdout) as T;
}

const urlOf = async (cwd: string) => (await json<{ url: string }>(cwd, 'url')).url;

const order = (cwd: string) =>
  sql(cwd, 'INSERT INTO orders (product, quantity, total) VALUES (1, 1, 1450) RETURNING id');
const orders = async (cwd: string) => (await sql(cwd, 'SELECT id FROM orders')).length;

async function columns(cwd: string): Promise<unknown[]> {
  const rows = await sql(
    cwd,
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'products'",
  );
  return rows.map(({ name }) => name);
}

/** Waits until the service has reconnected after its pool lost the last session. */
const served = (host: string) =>
  eventually(`orders from ${host}`, async () => {
    const { status, body } = await get(host, '/api/orders');
    return status === 200 ? (JSON.parse(body).orders as unknown[]).length : undefined;
  });

const migration = (cwd: string, name: string, text: string) =>
  writeFileSync(join(cwd, 'db', 'migrations', name), text);

describe('two worktrees', () => {
  test('begin with the same migrated and seeded rows', async () => {
    const [one, other] = await Promise.all(
      [main, branch].map((cwd) => sql(cwd, 'SELECT name, price FROM products ORDER BY id')),
    );
    expect(one).toHaveLength(4);
    expect(other).toEqual(one);
  });

  test("do not see each other's rows", async () => {
    await order(main);
    expect([await orders(main), await orders(branch)]).toEqual([1, 0]);
    expect(await served('main.bookshop.localhost')).toBe(1);
    expect(await served('feat-notes.bookshop.localhost')).toBe(0);
  });

  test("cannot open each other's databases", async () => {
    const other = new URL(await urlOf(branch));
    other.pathname = '/wt_bookshop__main';
    const client = new Client({ connectionString: other.href });
    await expect(client.connect()).rejects.toThrow(/permission denied for database "wt_bookshop__main"/);
  });

  test('are listed with age, template, strategy and whether they share blocks', async () => {
    const list = await json<{ environments: { environment: string; template: string; app: string }[] }>(
      main,
      'list',
    );
    const ours = list.environments.filter(({ app }) => app === 'bookshop');
    expect(ours.map(({ environment }) => environment).sort()).toEqual(['feat-notes', 'main']);
    expect(ours[0]?.template).toBe(ours[1]?.template);
    const { stdout } = await wtOk(['db', 'list'], { cwd: main });
    expect(stdout).toMatch(/^bookshop\/main +\d+ \S+ +tpl_bookshop__[0-9a-f]{16} +(clone|copy|wal_log), \d/m);
    expect(stdout).toMatch(/in use$/m);
  });
});

describe('a migration of a branch', () => {
  test('that alters a table from the template runs on its own database alone, and keeps its rows', async () => {
    await order(branch);
    migration(branch, '0004_notes.sql', "ALTER TABLE products ADD COLUMN note text NOT NULL DEFAULT '';\n");
    await wtOk(['up'], { cwd: branch });
    expect(await columns(branch)).toContain('note');
    expect(await orders(branch)).toBe(1);
    expect(await columns(main)).not.toContain('note');
  });

  test('is reported by status, with what the other branch lacks', async () => {
    const { stdout } = await wtOk(['db', 'status'], { cwd: main });
    expect(stdout).toMatch(/^bookshop\/feat-notes +4 migrations +with db\/migrations\/0004_notes\.sql/m);
    expect(stdout).toMatch(/^bookshop\/main +3 migrations$/m);
  });

  test('with the same number on two branches is a conflict before either is merged', async () => {
    migration(main, '0004_prices.sql', 'ALTER TABLE products ADD COLUMN old_price integer;\n');
    const result = await wt(['db', 'status'], { cwd: main });
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('two migrations take the same number: db/migrations/4');
    repository.git('clean', '--quiet', '--force', 'db/migrations');
    expect((await wt(['db', 'status'], { cwd: main })).code).toBe(0);
  });

  test('that fails, fails up with its output, and can be corrected', async () => {
    migration(branch, '0005_broken.sql', 'ALTER TABLE nothing_of_that_name ADD COLUMN x integer;\n');
    const failed = await wt(['up'], { cwd: branch });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/\| .*(relation "nothing_of_that_name"|RangeVarGetRelid)/);
    migration(branch, '0005_broken.sql', 'ALTER TABLE products ADD COLUMN x integer;\n');
    await wtOk(['up'], { cwd: branch });
    expect(await columns(branch)).toContain('x');
    expect(await orders(branch)).toBe(1);
  });

  test('that was edited after it ran is refused by name, and reset starts again with it', async () => {
    migration(branch, '0005_broken.sql', 'ALTER TABLE products ADD COLUMN y integer;\n');
    const refused = await wt(['up'], { cwd: branch });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('edited: db/migrations/0005_broken.sql');
    expect(refused.stderr).toContain('wt db reset');
    await wtOk(['db', 'reset', '--yes'], { cwd: branch });
    await wtOk(['up'], { cwd: branch });
    expect(await columns(branch)).toEqual(expect.arrayContaining(['note', 'y']));
    expect(await columns(branch)).not.toContain('x');
    expect(await orders(branch)).toBe(0);
  });
});

describe('the template', () => {
  test('is rebuilt without a change to the databases that were cloned from it', async () => {
    const before = await orders(main);
    const { stdout } = await wtOk(['db', 'refresh-template'], { cwd: main });
    expect(stdout).toMatch(/^built tpl_bookshop__[0-9a-f]{16} in \d.*: 3 migrations, /m);
    expect(await orders(main)).toBe(before);
  });
});

describe('psql', () => {
  test('runs one statement without a terminal, as the login of the environment', async () => {
    const { stdout } = await wtOk(['db', 'psql', '-c', 'SELECT session_user', '--', '-At'], { cwd: main });
    expect(stdout.trim()).toBe('wt_bookshop__main');
  });

  test("ends with psql's exit code, and prints the server's message", async () => {
    const result = await wt(['db', 'psql', '-c', 'SELECT nonsense'], { cwd: main });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('column "nonsense" does not exist');
  });

  test("is the one in the server's pod where this machine has none", async () => {
    const folder = join(repository.folder, 'programs');
    mkdirSync(folder);
    symlinkSync(
      execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
      join(folder, 'git'),
    );
    const { stdout } = await wtOk(['db', 'psql', '-c', 'SELECT 6 * 7', '--', '-At'], {
      cwd: main,
      env: { PATH: folder },
    });
    expect(stdout.trim()).toBe('42');
  });
});

describe('a process beside the pods', () => {
  test("on this machine has the worktree's own database, and a port that no other worktree has", async () => {
    const script =
      "const { Client } = require('pg'); const client = new Client(process.env.DATABASE_URL); client.connect().then(() => client.query('select current_database() as name')).then(({ rows }) => { console.log(rows[0].name, process.env.PORT, process.env.ENVIRONMENT); return client.end(); })";
    const env = { NODE_PATH: join(packageRoot(), 'node_modules') };
    const [one, other] = await Promise.all(
      [main, branch].map((cwd) => wtOk(['run', '--', 'node', '-e', script], { cwd, env })),
    );
    expect(one?.stdout).toMatch(/^wt_bookshop__main \d+ bookshop\/main\n$/);
    expect(other?.stdout).toMatch(/^wt_bookshop__feat_notes \d+ bookshop\/feat-notes\n$/);
    const ports = [one, other].map((result) => result?.stdout.split(' ')[1]);
    expect(new Set(ports).size).toBe(2);
    const secrets = await wtOk(['run', '--print', '--shell', 'bash'], { cwd: main });
    expect(secrets.stdout).not.toContain('DATABASE_URL=');
  });

  test('in a pod gets input, output and its exit code, whole', async () => {
    const whole = await wtOk(['exec', 'api', '--', 'head', '-c', '1000000', '/dev/zero'], { cwd: branch });
    expect(whole.stdout.length).toBe(1_000_000);
    expect((await wt(['exec', 'api', '--', 'sh', '-c', 'exit 7'], { cwd: branch })).code).toBe(7);
    expect((await wt(['exec', 'api', '--', 'no-such-program'], { cwd: branch })).code).toBe(127);
    const named = await wtOk(['exec', 'api', '--', 'sh', '-c', 'echo $ENVIRONMENT'], { cwd: branch });
    expect(named.stdout).toBe('bookshop/feat-notes\n');
    expect((await wt(['exec', 'apy', '--', 'true'], { cwd: branch })).stderr).toContain('did you mean "api"');
  });

  test('in a pod is ended by a signal to wt', async () => {
    const running = startWt(['exec', 'api', '--', 'sh', '-c', 'echo began; exec sleep 4321'], {
      cwd: branch,
    });
    await running.seen(/began/);
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    const look = "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[s]leep 4321'";
    await eventually('the end of the process', async () => {
      const { stdout } = await wt(['exec', 'api', '--', 'sh', '-c', look], { cwd: branch });
      return stdout === '0\n' ? true : undefined;
    });
  });
});

describe('snapshots and replaced databases', () => {
  test('refuse a snapshot while a client is connected, and name the client', async () => {
    const url = await urlOf(main);
    const client = new Client({ connectionString: url, application_name: 'a report' });
    await client.connect();
    const result = await wt(['db', 'snapshot', 'early'], { cwd: main });
    await client.end();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/a report from [\d.]+, idle, for \d+ s/);
  });

  test('come back by restore, with the service connected again', async () => {
    const { stderr } = await wtOk(['db', 'snapshot', 'early'], { cwd: main });
    expect(stderr).toMatch(/of its own services ends? for a moment/);
    await order(main);
    const before = await orders(main);
    await wtOk(['db', 'restore', 'early', '--yes'], { cwd: main });
    expect(await orders(main)).toBe(before - 1);
    expect(await served('main.bookshop.localhost')).toBe(before - 1);
  });

  test('come back by undo after a restore, and the undo can be undone', async () => {
    const restored = await orders(main);
    await wtOk(['db', 'undo', '--force'], { cwd: main });
    expect(await orders(main)).toBe(restored + 1);
    await wtOk(['db', 'undo', '--force'], { cwd: main });
    expect(await orders(main)).toBe(restored);
  });

  test('are replaced only after a yes', async () => {
    const before = await orders(main);
    for (const verb of [['reset'], ['restore', 'early'], ['undo'], ['fork', '--from', 'feat/notes']]) {
      const result = await wt(['db', ...verb, '--json'], { cwd: main });
      expect(['COPPICE_NOT_CONFIRMED', 'COPPICE_DATABASE_IN_USE']).toContain(JSON.parse(result.stdout).code);
    }
    expect(await orders(main)).toBe(before);
  });

  test('are listed until they are removed', async () => {
    const { stdout } = await wtOk(['db', 'snapshots'], { cwd: main });
    expect(stdout).toMatch(/^early .* kept until it is removed$/m);
    expect(stdout).toMatch(/replaced by undo +kept for 72 h more$/m);
    await wtOk(['db', 'snapshot', 'early', '--remove'], { cwd: main });
    expect((await wtOk(['db', 'snapshots'], { cwd: main })).stdout).not.toMatch(/^early/m);
  });
});

describe('a fork', () => {
  test('of a database with sessions lists the choices and changes nothing', async () => {
    await order(main);
    await served('main.bookshop.localhost');
    const before = await orders(branch);
    const client = new Client({ connectionString: await urlOf(main), application_name: 'a report' });
    await client.connect();
    const result = await wt(['db', 'fork', '--from', 'main', '--yes'], { cwd: branch });
    await client.end();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/a report from/);
    // Its own services are nobody who has to be asked.
    expect(result.stderr).not.toMatch(/shop api from/);
    expect(result.stderr).toContain('--end-sessions');
    expect(await orders(branch)).toBe(before);
  });

  test("ends its own services' sessions by itself and has the other's rows, and the other continues", async () => {
    const rows = await orders(main);
    await wtOk(['db', 'fork', '--from', 'main', '--yes'], { cwd: branch });
    expect(await orders(branch)).toBe(rows);
    expect(await served('main.bookshop.localhost')).toBe(rows);
    await order(branch);
    expect(await orders(main)).toBe(rows);
  });

  test('is brought up to the migrations of its branch by the next up', async () => {
    expect(await columns(branch)).not.toContain('note');
    await wtOk(['up'], { cwd: branch });
    expect(await columns(branch)).toEqual(expect.arrayContaining(['note', 'y']));
  });
});

describe('down', () => {
  test('removes database and login, undo brings the rows back, up uses them', async () => {
    const rows = await orders(main);
    const url = await urlOf(main);
    await wtOk(['down'], { cwd: main });
    await expect(new Client({ connectionString: url }).connect()).rejects.toThrow(/authentication failed/);
    await wtOk(['db', 'undo'], { cwd: main });
    await wtOk(['up'], { cwd: main });
    urls.delete(main);
    expect(await orders(main)).toBe(rows);
    expect(await served('main.bookshop.localhost')).toBe(rows);
  });
});

describe('delete', () => {
  test('removes the environment with its worktree; undo and up bring both back with their rows', async () => {
    const rows = await orders(branch);
    const url = await urlOf(branch);
    const { stdout } = await wtOk(['delete', branch, '--discard-changes', '--discard-commits', '--json'], {
      cwd: main,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      deletions: [{ environments: [{ app: 'bookshop', state: 'removed' }] }],
    });
    await expect(new Client({ connectionString: url }).connect()).rejects.toThrow(/authentication failed/);
    const undone = JSON.parse((await wtOk(['undo', '--json'], { cwd: main })).stdout) as unknown;
    expect(undone).toMatchObject({ path: branch, databases: [{ state: 'back' }] });
    await wtOk(['up'], { cwd: branch });
    urls.delete(branch);
    expect(await orders(branch)).toBe(rows);
  });
});

/** As the server's superuser, in its pod. */
const admin = (text: string) =>
  kubectl('-n', 'coppice', 'exec', 'deploy/postgres', '--', 'sh', '-c', adminScript, text);
const adminScript =
  'PGPASSWORD=$(cat "$COPPICE_PASSWORD_FILE") exec psql -h 127.0.0.1 -U postgres -At -c "$0"';

describe('orphans', () => {
  test('from an environment that no longer exists are found and removed; everything else stays', async () => {
    const before = await orders(branch);
    const mark = JSON.parse(
      await admin(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'wt_bookshop__main'",
      ),
    );
    const gone = {
      ...mark,
      environment: 'gone',
      branch: 'gone',
      worktree: '/nowhere',
      repository: main,
      origin: { kind: 'template' },
    };
    await admin('CREATE ROLE wt_bookshop__gone LOGIN');
    await admin("COMMENT ON ROLE wt_bookshop__gone IS 'made by Coppice'");
    await admin('CREATE DATABASE wt_bookshop__gone');
    await admin(`COMMENT ON DATABASE wt_bookshop__gone IS '${JSON.stringify(gone)}'`);
    const found = await wt(['doctor'], { cwd: main });
    expect(found.stdout).toContain('database wt_bookshop__gone: there is no environment bookshop/gone');
    const fixed = await wtOk(['doctor', '--fix'], { cwd: main });
    expect(fixed.stdout).toContain('removed database wt_bookshop__gone');
    const left = await admin("SELECT datname FROM pg_database WHERE datname LIKE 'wt_bookshop%' ORDER BY 1");
    expect(left.trim().split('\n')).toEqual(['wt_bookshop__feat_notes', 'wt_bookshop__main']);
    const roles = await admin("SELECT rolname FROM pg_roles WHERE rolname = 'wt_bookshop__gone'");
    expect(roles.trim()).toBe('');
    expect(await orders(branch)).toBe(before);
  });
});

describe('orphans of a crash', () => {
  test('are removed by the next wt platform up, though the server restarted by itself', async () => {
    // Sweeps after the previous start, if nothing has yet.
    await wtOk(['platform', 'up'], { cwd: main });
    await admin('CREATE DATABASE build_bookshop__0000000000000000 ALLOW_CONNECTIONS false');
    const mark = { coppice: 1, kind: 'building', app: 'bookshop', hash: '0000000000000000', startedAt: '' };
    await admin(`COMMENT ON DATABASE build_bookshop__0000000000000000 IS '${JSON.stringify(mark)}'`);
    const builds = () => admin("SELECT datname FROM pg_database WHERE datname LIKE 'build%'");
    await wtOk(['platform', 'up'], { cwd: main });
    expect(await builds()).toContain('build_bookshop');
    await kubectl('-n', 'coppice', 'delete', 'pod', '-l', 'coppice.dev/service=postgres', '--grace-period=0');
    await kubectl('-n', 'coppice', 'rollout', 'status', 'deploy/postgres', '--timeout=300s');
    const { stderr } = await wtOk(['platform', 'up'], { cwd: main });
    expect(stderr).toContain('removed database build_bookshop__0000000000000000');
    expect(await builds()).toBe('');
  });
});

describe('the platform', () => {
  test('keeps all rows through down and up', async () => {
    const rows = [await orders(main), await orders(branch)];
    await wtOk(['platform', 'down'], { cwd: main });
    await wtOk(['platform', 'up'], { cwd: main });
    expect([await orders(main), await orders(branch)]).toEqual(rows);
    expect(await served('main.bookshop.localhost')).toBe(rows[0]);
  });
});
