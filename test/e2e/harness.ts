import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';
import { program } from '../../toolchain/toolchain.ts';
import { removeFolder } from '../remove-folder.ts';

/** The folder of this run's cluster, state and worktrees; `scripts/test.mjs` creates and removes it. */
export function testFolder(): string {
  const folder = process.env.COPPICE_TEST_FOLDER;
  if (!folder) throw new Error('run these tests with `npm test`, which creates a cluster for them');
  return folder;
}

const wtScript = join(packageRoot(), 'bin', 'wt');

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

export interface RunningCommand {
  readonly pid: number;
  /** Kills the command and every process it started, as a power cut would. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves as soon as the output so far matches. */
  seen(pattern: RegExp): Promise<void>;
  readonly ended: Promise<CommandResult>;
}

/** Starts a command in its own process group. */
function start(command: string, args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const grown = () => {
    for (const check of waiting) check();
  };
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    grown();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    grown();
  });
  const ended = new Promise<CommandResult>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, milliseconds: performance.now() - began });
    });
  });
  return {
    pid,
    ended,
    kill: (signal) => {
      try {
        process.kill(-pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    seen: (pattern) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          if (!pattern.test(stdout + stderr)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => {
          if (waiting.has(check)) reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`));
        });
      }),
  };
}

/** Kills a process and waits until it has ended: a signal only arrives some time after it was sent. */
export async function killed(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error('there is no process to kill');
  process.kill(pid, 'SIGKILL');
  await eventually(`${pid} has ended`, async () => hasEnded(pid) || undefined);
}

function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return true;
  }
}

/** Kills a process and everything that it started, however detached, with no chance to clean up. */
export function killWithDescendants(pid: number): void {
  const parents = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        return [[Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return [];
      }
    });
  const family = (parent: number): number[] => [
    parent,
    ...parents.filter(([, of]) => of === parent).flatMap(([child]) => family(child)),
  ];
  for (const member of family(pid)) {
    try {
      process.kill(member, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

export function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return start(command, args, options).ended;
}

/** Runs `wt` to its end. */
export function wt(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run(process.execPath, [wtScript, ...args], options);
}

export function startWt(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  return start(process.execPath, [wtScript, ...args], options);
}

/** Runs `wt` and throws with its whole output unless it ended with 0. */
export async function wtOk(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await wt(args, options);
  if (result.code !== 0)
    throw new Error(`wt ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result;
}

/** An `up` that finds all as it was. A machine too busy to look at everything within seconds runs a whole one first. */
export function unchangedUp(options: CommandOptions): Promise<unknown> {
  return eventually('an up that changes nothing', async () => {
    const { stdout } = await wtOk(['up', '--json'], options);
    return JSON.parse(stdout).unchanged === true || undefined;
  });
}

const shop = join(packageRoot(), 'examples', 'shop');

export interface ShopOptions {
  /** With its worker and its Temporal namespace. Most tests do without: they cost another server and another pod. */
  readonly temporal?: boolean;
}

/**
 * The example with its packages but without the `setup:` that installs them: the tests' network reaches no registry.
 */
export function copyShop(folder: string, { temporal = false }: ShopOptions = {}): void {
  const packages = join(shop, 'node_modules');
  cpSync(shop, folder, { recursive: true, filter: (source) => source !== packages });
  linkPackages(folder);
  const spec = join(folder, 'coppice.yaml');
  edit(spec, /^setup:.*\n/m, '');
  if (temporal) return;
  edit(spec, /^ {2}worker:.*\n( {4}.*\n)+\n/m, '');
  edit(spec, /^\ntemporal:.*\n( {2}.*\n)+/m, '');
  edit(spec, /^ +TEMPORAL_.*\n/gm, '');
}

/** The example's packages. Hard links, as they are some hundred megabytes: nothing may write into an existing file. */
export function linkPackages(folder: string): void {
  const [from, to] = [join(shop, 'node_modules'), join(folder, 'node_modules')];
  if (spawnSync('cp', ['-al', from, to]).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

/** A git repository with the example app at its top, and worktrees beside it, all below one folder. */
export class Repository {
  readonly folder: string;
  readonly top: string;

  constructor(options: ShopOptions & { readonly branch?: string; readonly spec?: string } = {}) {
    const parent = join(testFolder(), 'repositories');
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, 'r-'));
    this.top = join(this.folder, 'shop');
    copyShop(this.top, options);
    if (options.spec !== undefined) this.write('coppice.yaml', options.spec);
    this.git('init', '--quiet', '--initial-branch', options.branch ?? 'main');
    this.commit('Begin');
  }

  git(...args: string[]): string {
    const identity = [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@localhost',
      '-c',
      'commit.gpgsign=false',
    ];
    const result = spawnSync('git', ['-C', this.top, ...identity, ...args], { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.trim();
  }

  commit(message: string): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
  }

  /** A worktree on a new branch; returns its folder. */
  worktree(branch: string, folder = branch.replaceAll(/[^a-z0-9]/gi, '-').slice(0, 60)): string {
    const path = join(this.folder, folder);
    this.git('worktree', 'add', '--quiet', path, '-b', branch);
    linkPackages(path);
    return path;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.top, file), text);
  }

  remove(): void {
    removeFolder(this.folder);
  }
}

/** Replaces text in a file; throws when the text is missing, as a test that edits nothing proves nothing. */
export function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`nothing to replace in ${file}`);
  writeFileSync(file, changed);
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One request through the route: 127.0.0.1 with the host as header, as names under .localhost do not resolve
 * everywhere.
 */
export function get(
  host: string,
  path = '/',
  port = 80,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return ask({ headers: { host, ...more }, path, port, agent: false });
}

/** The same with a JSON body; without an `agent` it opens its own connection. */
export function post(
  host: string,
  path: string,
  body: unknown,
  { port = 80, agent }: { readonly port?: number; readonly agent?: http.Agent } = {},
): Promise<Answer> {
  const options = { method: 'POST', headers: { host }, path, port, agent: agent ?? false };
  return ask(options, JSON.stringify(body));
}

function ask(options: http.RequestOptions, sent = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', timeout: 60_000, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.on('timeout', () => {
      const { host } = options.headers as { host: string };
      request.destroy(new Error(`no answer from ${host}${options.path} in 60 s`));
    });
    request.on('error', reject);
    request.end(sent);
  });
}

/** Only what would never come is given up: how long a machine takes for something is no part of a test's sentence. */
const PATIENCE_MS = process.env.COPPICE_TEST_SOAK === undefined ? 300_000 : 3_000_000;

/** Calls `probe` every 100 ms until it returns something; when it never does, throws with `what` and the last failure. */
export async function eventually<T extends NonNullable<unknown>>(
  what: string,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`, { cause: last });
}

/** The toolchain's `kubectl` with this run's kubeconfig. */
export function startKubectl(...args: string[]): RunningCommand {
  const kubeconfig = join(testFolder(), 'data', 'coppice', 'kubeconfig');
  return start(program('kubectl') ?? 'kubectl', ['--kubeconfig', kubeconfig, ...args]);
}

/** The same to its end; throws unless it ended with 0. */
export async function kubectl(...args: string[]): Promise<string> {
  const result = await startKubectl(...args).ended;
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}
