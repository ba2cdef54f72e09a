import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { postgresData } from '../../../platform/postgres/deployment.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { freePort } from '../ports.ts';

/** Runs what the pod of the platform's server runs as a local process, with folders in a temporary one. */

let folder: string;
let programs: string;
let port: number;
let running: Started[];

interface Started {
  readonly process: ChildProcess;
  log(): string;
  /** Exit code; 128 plus the signal's number when a signal ended it. */
  readonly ended: Promise<number | null>;
}

// PostgreSQL refuses to run as root; this user exists on every Linux.
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: nobody, gid: nobody } : {};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-start-'));
  running = [];
  port = await freePort();
  programs = join(folder, 'programs');
  const { postgresql } = await ensurePrograms(['postgresql']);
  const link = spawnSync('cp', ['--archive', '--link', postgresql.path, programs]);
  if (link.status !== 0)
    execFileSync('cp', ['--archive', '--no-target-directory', postgresql.path, programs]);
  for (const name of ['home', 'config', 'sockets']) mkdirSync(join(folder, name));
  for (const [name, text] of Object.entries(postgresData)) writeFileSync(join(folder, 'config', name), text);
  const settings = join(folder, 'config', 'postgresql.conf');
  const here = [`port = ${port}`, `unix_socket_directories = '${join(folder, 'sockets')}'`, ''].join('\n');
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}${here}`);
  setPassword('first');
  if (isRoot) for (const name of ['', 'home', 'sockets']) chownSync(join(folder, name), nobody, nobody);
});

afterEach(async () => {
  for (const { process } of running) process.kill('SIGTERM');
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
});

function setPassword(password: string): void {
  writeFileSync(join(folder, 'password'), password);
}

function start(): Started {
  const child = spawn('sh', [join(folder, 'config', 'start.sh')], {
    ...user,
    cwd: folder,
    env: {
      PATH: `${programs}/bin:/usr/bin:/bin`,
      COPPICE_HOME: join(folder, 'home'),
      COPPICE_CONFIG: join(folder, 'config'),
      COPPICE_PASSWORD_FILE: join(folder, 'password'),
      COPPICE_VOLUME: 'folder',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const take = (chunk: Buffer) => {
    log += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const started = { process: child, log: () => log, ended };
  running.push(started);
  return started;
}

async function until(what: string, met: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 300_000;
  while (!(await met())) {
    if (performance.now() > deadline)
      throw new Error(`not within five minutes: ${what}\n${running.map(({ log }) => log()).join('\n---\n')}`);
    await pause(20);
  }
}

async function started(): Promise<Started> {
  const one = start();
  await until('it answers', () => one.log().includes('database system is ready to accept connections'));
  return one;
}

async function connect(password: string): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' });
  // A stopping server drops its connections.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function ask(password: string, sql: string): Promise<unknown[]> {
  const client = await connect(password);
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('a new data folder has checksums, sorts by C.UTF-8, and requires the password', async () => {
  await started();
  expect(
    await ask(
      'first',
      "select datlocprovider, datlocale, current_setting('data_checksums') from pg_database where datname = 'template1'",
    ),
  ).toEqual(['b', 'C.UTF-8', 'on']);
  await expect(connect('wrong')).rejects.toThrow('password authentication failed');
  await expect(connect('')).rejects.toThrow();
});

test('every role can query the volume of the server, and the answer is correct', async () => {
  await started();
  const cloned = spawnSync('cp', ['--reflink=always', join(folder, 'password'), join(folder, 'copy')]);
  expect(
    await ask('first', "select current_setting('coppice.reflink'), current_setting('coppice.volume')"),
  ).toEqual([cloned.status === 0 ? 'on' : 'off', 'folder']);
});

test('a statement whose client is gone is cancelled', async () => {
  await started();
  const client = await connect('first');
  const statement = client.query('select pg_sleep(600)').catch(() => {});
  const count = "select count(*)::int from pg_stat_activity where wait_event = 'PgSleep'";
  await until('it sleeps', async () => (await ask('first', count))[0] === 1);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await statement;
  await until('it is ended', async () => (await ask('first', count))[0] === 0);
});

test('with a new Secret and existing data only the new password works', async () => {
  const before = await started();
  await ask('first', 'create table kept as select 1 as one');
  before.process.kill('SIGTERM');
  await before.ended;
  setPassword('second');
  await started();
  expect(await ask('second', 'select one from kept')).toEqual([1]);
  await expect(connect('first')).rejects.toThrow('password authentication failed');
});

test('the password is in no argument, in no log, and not in the data folder', async () => {
  const secret = 'a-secret-that-nobody-says';
  setPassword(secret);
  const one = await started();
  await ask(secret, 'select 1');
  const listed = execFileSync('ps', ['-e', '-o', 'args'], { encoding: 'utf8' });
  expect(listed).toContain(join(folder, 'config'));
  expect(`${listed}${one.log()}`).not.toContain(secret);
  expect(spawnSync('grep', ['--recursive', '--quiet', secret, join(folder, 'home')]).status).toBe(1);
});

test('SIGTERM shuts it down cleanly at once, despite a connected client', async () => {
  const one = await started();
  const client = await connect('first');
  one.process.kill('SIGTERM');
  // A shutdown that waits for clients would never end.
  expect(await one.ended).toBe(0);
  expect(one.log()).toContain('database system is shut down');
  await client.end().catch(() => {});
});

test('a second server on the same data waits until the first has ended', async () => {
  const first = await started();
  const second = start();
  await until('the second waits', () => second.log().includes('another server still has the data'));
  expect(await ask('first', 'select 1')).toEqual([1]);
  first.process.kill('SIGTERM');
  await first.ended;
  await until('the second answers', () => second.log().includes('ready to accept connections'));
  expect(second.log()).not.toContain('not properly shut down');
});

test('an interrupted initdb is repeated', async () => {
  const left = join(folder, 'home', '18', 'docker.new');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'PG_VERSION'), '18\n');
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, join(folder, 'home')]);
  await started();
  expect(existsSync(left)).toBe(false);
  expect(await ask('first', 'select 1')).toEqual([1]);
});

test('data without a readable PG_VERSION are not touched, and the log reports it', async () => {
  const before = await started();
  before.process.kill('SIGTERM');
  await before.ended;
  const data = join(folder, 'home', '18', 'docker');
  writeFileSync(join(data, 'PG_VERSION'), '');
  const files = readdirSync(data);
  const again = start();
  expect(await again.ended).toBe(1);
  expect(again.log()).toContain(`${data} has files but no PG_VERSION`);
  expect(readdirSync(data)).toEqual(files);
});

test('an empty data folder counts as none', async () => {
  mkdirSync(join(folder, 'home', '18', 'docker'), { recursive: true });
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, join(folder, 'home')]);
  await started();
  expect(await ask('first', 'select 1')).toEqual([1]);
});

test('after a kill of every process the next start recovers what was committed', async () => {
  const one = await started();
  await ask('first', 'create table kept as select 1 as one');
  const { pid } = one.process;
  const postmaster = execFileSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' }).trim();
  process.kill(Number(postmaster), 'SIGKILL');
  expect(await one.ended).toBe(137);
  const again = await started();
  expect(again.log()).toContain('was not properly shut down');
  expect(await ask('first', 'select one from kept')).toEqual([1]);
});
