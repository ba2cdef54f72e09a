import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Owner } from '../../../core/owner.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import type { CommandRun, DumpText, Login, RunCommand } from '../../../servers/postgres/types.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { freeze } from '../freeze.ts';
import { freePort } from '../ports.ts';

/** A real PostgreSQL server with its own data folder, on a free port of 127.0.0.1. */
export interface TestServer {
  readonly login: Login;
  /** Its data folder. */
  readonly data: string;
  readonly reflink: boolean;
  /** Its stderr so far. */
  readonly log: () => string;
  /** The actual usage of its file system. */
  readonly usedBytes: () => Promise<number>;
  readonly connect: () => Promise<Server>;
  /** Restarts it after `kill`. */
  readonly start: () => Promise<void>;
  /** SIGKILL for all of its processes, as when a machine is lost. */
  readonly kill: () => Promise<void>;
  /** Stops it and deletes its folder and the file system that was created for it. */
  readonly remove: () => Promise<void>;
}

export interface TestServerOptions {
  /** A loop file of `mebibytes` with a file system for this server; the temporary folder when absent. */
  readonly volume?: { readonly fileSystem: 'xfs' | 'ext4'; readonly mebibytes: number };
  readonly settings?: Readonly<Record<string, string>>;
}

const superuser = 'postgres';
const password = 'test only, on loopback';
/** PostgreSQL refuses to run as root; this user exists on every Linux. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const serverUser = isRoot ? { uid: nobody, gid: nobody } : {};

/**
 * Why tests with a file system of their own cannot run here, or undefined. In CI they must run: there it is a failure,
 * not a reason to skip.
 */
export function whyNoVolumes(): string | undefined {
  const why = !isRoot
    ? 'mounting a loop file needs root'
    : !existsSync('/dev/loop-control')
      ? 'there is no /dev/loop-control'
      : undefined;
  if (why && process.env.CI === 'true') throw new Error(`tests of file systems cannot run: ${why}`);
  return why;
}

/** Folder of the server's programs: hard links, as its user cannot read the home folder where they are. */
async function programs(folder: string): Promise<string> {
  const { path } = (await ensurePrograms(['postgresql'])).postgresql;
  if (!isRoot) return join(path, 'bin');
  const linked = join(folder, 'programs');
  const link = spawnSync('cp', ['--archive', '--link', path, linked]);
  if (link.status !== 0) execFileSync('cp', ['--archive', '--no-target-directory', path, linked]);
  return join(linked, 'bin');
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'coppice-database-'));
  const volume = join(folder, 'volume');
  mkdirSync(volume);
  if (options.volume) await mountVolume(join(folder, 'volume.img'), volume, options.volume);
  const removeFolder = () => {
    if (options.volume) execFileSync('umount', [volume]);
    rmSync(folder, { recursive: true });
  };
  try {
    return await serverIn(folder, volume, options, removeFolder);
  } catch (error) {
    removeFolder();
    throw error;
  }
}

async function serverIn(
  folder: string,
  volume: string,
  options: TestServerOptions,
  removeFolder: () => void,
): Promise<TestServer> {
  const data = join(volume, 'data');
  mkdirSync(data);
  for (const path of [folder, volume, data]) {
    chmodSync(path, 0o700);
    if (isRoot) chownSync(path, nobody, nobody);
  }
  const reflink = reflinks(volume);
  const binaries = await programs(folder);
  initialise(binaries, folder, data);
  const port = await freePort();
  const login: Login = { host: '127.0.0.1', port, user: superuser, password };
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: '100',
    track_wal_io_timing: 'on',
    'coppice.reflink': reflink ? 'on' : 'off',
    'coppice.file_system': options.volume?.fileSystem ?? '',
    ...options.settings,
  };
  let server: ChildProcess | undefined;
  const lines: string[] = [];
  const start = async () => {
    server = await startPostgres(binaries, data, settings, lines);
  };
  await start();
  const ended = async (signal: NodeJS.Signals) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const { pid } = server;
    const exit = new Promise((resolve) => server?.once('exit', resolve));
    const hard = signal === 'SIGKILL' && pid !== undefined;
    // Stopped first: a child that it still starts would keep the shared memory from the next server.
    if (hard) freeze(pid);
    const children = hard ? childrenOf(pid) : [];
    server.kill(signal);
    for (const child of children) killProcess(child);
    await exit;
    await until(() => children.every((child) => !existsSync(`/proc/${child}/exe`)));
  };
  return {
    login,
    data,
    reflink,
    start,
    connect: () => connectServer(login),
    log: () => lines.join('\n'),
    usedBytes: async () => {
      execFileSync('sync', ['--file-system', volume]);
      const { blocks, bfree, bsize } = await statfs(volume);
      return (blocks - bfree) * bsize;
    },
    kill: () => ended('SIGKILL'),
    remove: async () => {
      await ended('SIGINT');
      removeFolder();
    },
  };
}

function initialise(binaries: string, folder: string, data: string): void {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot) chownSync(passwordFile, nobody, nobody);
  execFileSync(
    join(binaries, 'initdb'),
    [
      ...['--pgdata', data, '--username', superuser, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-sync'],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], ...serverUser },
  );
}

async function startPostgres(
  binaries: string,
  data: string,
  settings: Record<string, string>,
  lines: string[],
): Promise<ChildProcess> {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...options], {
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...serverUser,
  });
  // A test run that is killed must not leave a server behind.
  const end = () => server.kill('SIGQUIT');
  process.once('exit', end);
  server.once('exit', () => process.off('exit', end));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${lines.join('\n')}`)));
  });
  return server;
}

async function mountVolume(
  image: string,
  folder: string,
  { fileSystem, mebibytes }: NonNullable<TestServerOptions['volume']>,
): Promise<void> {
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 2 ** 20);
  const [program, options] =
    fileSystem === 'xfs'
      ? [(await ensurePrograms(['mkfs.xfs']))['mkfs.xfs'].path, ['-q', '-m', 'reflink=1']]
      : ['mkfs.ext4', ['-q', '-F']];
  execFileSync(program, [...options, image], { stdio: ['ignore', 'pipe', 'pipe'] });
  // The loop device is released when it is unmounted.
  execFileSync('mount', ['-o', 'loop', image, folder]);
}

function reflinks(folder: string): boolean {
  const [from, to] = [join(folder, 'probe'), join(folder, 'probe.copy')];
  try {
    writeFileSync(from, 'x'.repeat(8192));
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}

/** Every process of the server leads its own session, so its process group does not contain them. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended together with its parent.
  }
}

/** Waits for a condition. Only what would never come is given up. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 300_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within 300 seconds: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether PostgreSQL refused, since its log had this length, to copy or drop a database in use. It waits five seconds first. */
export function wasRefused(server: TestServer, since: number): boolean {
  return server.log().slice(since).includes('is being accessed by other users');
}

/** A dump with this text. */
export function dumpOf(text: string | Buffer): () => Promise<DumpText> {
  async function* chunks() {
    yield Buffer.from(text);
  }
  return async () => ({ path: 'prod.sql', origin: 'text', chunks: chunks(), close: async () => {} });
}

/** Runs an app's commands in this process, as the given login role. */
export function runIn(
  server: Pick<TestServer, 'login'>,
  commands: Partial<Record<CommandRun['kind'], (database: Server, run: CommandRun) => Promise<unknown>>>,
): RunCommand & { readonly runs: CommandRun['kind'][] } {
  const runs: CommandRun['kind'][] = [];
  const run = async (command: CommandRun) => {
    runs.push(command.kind);
    const { database: maintenance, user, password } = command;
    const database = await connectServer({ ...server.login, maintenance, user, password }, command.signal);
    try {
      await commands[command.kind]?.(database, command);
    } finally {
      await database.close();
    }
  };
  return Object.assign(run, { runs });
}

export function testOwner(environment: string, app = 'shop'): Owner {
  const repository = `/repositories/${app}/.git`;
  return { app, environment, repository, branch: environment, worktree: `/worktrees/${environment}` };
}
