import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { paths } from '../../core/paths.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import {
  type CommandResult,
  get,
  Repository,
  startWt,
  testFolder,
  unchangedUp,
  wt,
  wtOk,
} from '../e2e/harness.ts';
import { prepare } from './harness.ts';
import { nodeStandIn } from './stand-in/images.ts';

let repository: Repository;
let worktree: string;

/** Makes both drivers available; `image` is that of k3d's nodes, by default the stand-in. */
function writeSettings(image = nodeStandIn): void {
  const folder = testFolder();
  const settings = {
    embedded: { dataFolder: join(folder, 'cluster'), runFolder: join(folder, 'run') },
    k3d: { image, loadBalancer: false, roots: [join(folder, 'repositories')] },
  };
  mkdirSync(dirname(paths().settings), { recursive: true });
  writeFileSync(paths().settings, stringify(settings));
}

beforeAll(async () => {
  await prepare();
  writeSettings();
  await wtOk(['cluster', 'start', '--driver', 'embedded']);
  repository = new Repository();
  worktree = repository.worktree('feat/orders');
  await wtOk(['up'], { cwd: repository.top });
  await wtOk(['up'], { cwd: worktree });
  // Rows, a table and an extension that no migration and no seed would create.
  await sql(worktree, `INSERT INTO products (name, price, stock) VALUES ('only here', 1, 1)`);
  await sql(worktree, 'CREATE SCHEMA notes CREATE TABLE notes.line (id serial PRIMARY KEY, text text)');
  await sql(
    worktree,
    `INSERT INTO notes.line (text) SELECT repeat('x', n) FROM generate_series(1, 5000) AS n`,
  );
  await sql(worktree, 'CREATE EXTENSION citext SCHEMA notes');
  await wtOk(['stop'], { cwd: repository.top });
});

afterAll(async () => {
  writeSettings();
  for (const driver of ['k3d', 'embedded']) await wtOk(['cluster', 'reset', '--yes', '--driver', driver]);
  repository.remove();
});

async function sql(cwd: string, command: string): Promise<string> {
  const { stdout } = await wtOk(['db', 'psql', '-c', command, '--', '--tuples-only', '--no-align'], { cwd });
  return stdout.trim();
}

async function migrate(to: string, ...args: string[]): Promise<CommandResult> {
  return wt(['cluster', 'migrate', '--to', to, ...args], { cwd: repository.top });
}

/** What exists only in the database, and the app's answer about it. */
async function expectEverything(): Promise<void> {
  expect(await sql(worktree, `SELECT count(*) FROM products WHERE name = 'only here'`)).toBe('1');
  expect(await sql(worktree, 'SELECT count(*), sum(length(text)) FROM notes.line')).toBe('5000|12502500');
  expect(await sql(worktree, `SELECT nextval('notes.line_id_seq')`)).toMatch(/^50\d\d$/);
  expect(
    await sql(worktree, `SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'citext'`),
  ).toBe('notes');
  // New objects belong to the same role as the earlier ones.
  expect(
    await sql(worktree, `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'notes')`),
  ).toBe('shop_owner');
  const answer = await get('feat-orders.shop.localhost', '/api/products');
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('only here');
  expect((await get('main.shop.localhost')).status).toBe(503);
}

/** Dumps that still exist, and the journal of an unfinished migration. */
function leftovers(): string[] {
  const folder = join(paths().data, 'migrate');
  if (!existsSync(folder)) return [];
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    /\.(dump|part|json)$/.test(name),
  );
}

test('without a yes nothing moves; what would move is reported, and what stays behind', async () => {
  const dry = await migrate('k3d', '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(/from embedded to k3d: 2 environments, 2 databases of /);
  expect(dry.stdout).toMatch(/shop\/main .*stopped as it is now/);
  expect(dry.stdout).toMatch(/not carried over: .*logs/);
  const refused = await migrate('k3d');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('nothing was moved: not confirmed');
  await expectEverything();
});

test('a driver in the settings that would override the new cluster is reported before anything changes', async () => {
  writeSettings();
  const text = `driver: embedded\n${stringify({ embedded: { dataFolder: join(testFolder(), 'cluster'), runFolder: join(testFolder(), 'run') } })}`;
  writeFileSync(paths().settings, text);
  const refused = await migrate('k3d', '--yes');
  writeSettings();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('driver: embedded');
  await expectEverything();
});

test('if the new cluster cannot start, the old one is in use again with everything', async () => {
  writeSettings('coppice.local/no-such-image:1');
  const failed = await migrate('k3d', '--yes');
  writeSettings();
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain('your embedded cluster runs again as before');
  expect((await readClusterRecord())?.driver).toBe('embedded');
  await expectEverything();
  expect(leftovers()).toEqual([]);
});

test('databases and environments move to k3d, and the old cluster is kept', async () => {
  const moved = await wtOk(['cluster', 'migrate', '--to', 'k3d', '--yes', '--json'], { cwd: repository.top });
  const document = JSON.parse(moved.stdout);
  expect(document).toMatchObject({
    from: 'embedded',
    to: 'k3d',
    moved: true,
    failures: [],
    removedOld: false,
  });
  expect((await readClusterRecord())?.driver).toBe('k3d');
  await expectEverything();
  expect(leftovers()).toEqual([]);
  // Nothing was seeded or migrated again: an `up` finds everything in place.
  await unchangedUp({ cwd: worktree });
});

test('a cluster that still has its own environments is not a valid target', async () => {
  const refused = await migrate('embedded', '--yes');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('shop/feat-orders');
  expect(refused.stderr).toContain('wt cluster reset --driver embedded');
});

test('deleting the old cluster keeps the new one and its records', async () => {
  await wtOk(['cluster', 'reset', '--driver', 'embedded', '--yes']);
  expect(existsSync(join(testFolder(), 'cluster'))).toBe(false);
  await expectEverything();
  expect((await wtOk(['status'], { cwd: worktree })).stdout).toContain('shop/feat-orders');
});

test('on the way back, killed in the middle, the same command continues, and the old cluster is deleted', async () => {
  await sql(worktree, `INSERT INTO products (name, price, stock) VALUES ('made on k3d', 1, 1)`);
  const killed = startWt(['cluster', 'migrate', '--to', 'embedded', '--yes'], { cwd: repository.top });
  await killed.seen(/restoring wt_shop__main/);
  killed.kill('SIGKILL');
  await killed.ended;
  expect(leftovers()).toContain('journal.json');
  const moved = await migrate('embedded', '--yes', '--remove-old');
  expect(moved.stderr).toContain('a migration from k3d to embedded was interrupted');
  expect(moved.stdout).toContain('the k3d cluster is deleted');
  expect(moved.code).toBe(0);
  expect(leftovers()).toEqual([]);
  expect((await readClusterRecord())?.driver).toBe('embedded');
  await expectEverything();
  expect(await sql(worktree, `SELECT count(*) FROM products WHERE name = 'made on k3d'`)).toBe('1');
});
