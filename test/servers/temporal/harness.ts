import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Owner } from '../../../core/owner.ts';
import { retry } from '../../../core/until.ts';
import { connectTemporal } from '../../../servers/temporal/connection/connection.ts';
import type { Frontend, NamespaceRequest, Temporal } from '../../../servers/temporal/types.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { freeze } from '../freeze.ts';
import { freePort } from '../ports.ts';

/** A real Temporal dev server with its own database file, on free ports of 127.0.0.1. */
export interface TestServer {
  readonly frontend: Frontend;
  /** Its output so far. */
  readonly log: () => string;
  readonly connect: (signal?: AbortSignal) => Promise<Temporal>;
  /** Restarts it after `kill`, on the same port and file; resolves when it answers. */
  readonly start: () => Promise<void>;
  /** SIGKILL, as when a machine is lost. */
  readonly kill: () => Promise<void>;
  /** Freezes or continues it: connections stay open, but calls are not answered. */
  readonly freeze: (frozen: boolean) => void;
  /** Stops it and deletes its folder. */
  readonly remove: () => Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const program = (await ensurePrograms(['temporal'])).temporal.path;
  const folder = mkdtempSync(join(tmpdir(), 'coppice-temporal-'));
  const port = await freePort();
  const ui = await freePort();
  const metrics = await freePort();
  const frontend = { address: `127.0.0.1:${port}` };
  const lines: string[] = [];
  let server: ChildProcess | undefined;
  const start = async () => {
    server = run(
      program,
      [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--log-level', 'warn'],
        ...['--ui-ip', '127.0.0.1', '--ui-port', `${ui}`, '--metrics-port', `${metrics}`],
        ...['--db-filename', join(folder, 'temporal.db')],
      ],
      folder,
      lines,
    );
    await answers(frontend, server, lines);
  };
  const ended = async (signal: NodeJS.Signals) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = new Promise((resolve) => server?.once('exit', resolve));
    server.kill(signal);
    await exit;
  };
  const remove = async () => {
    await ended('SIGKILL');
    rmSync(folder, { recursive: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    frontend,
    start,
    remove,
    log: () => lines.join('\n'),
    connect: (signal) => connectTemporal(frontend, signal),
    kill: () => ended('SIGKILL'),
    freeze: (frozen) => {
      if (!frozen) server?.kill('SIGCONT');
      else if (server?.pid !== undefined) freeze(server.pid);
    },
  };
}

function run(program: string, args: readonly string[], folder: string, lines: string[]): ChildProcess {
  // It needs a user and a home folder; this one keeps its files out of the real one.
  const env = { PATH: process.env.PATH, USER: 'coppice', HOME: folder };
  const server = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const output of [server.stdout, server.stderr]) {
    createInterface({ input: output }).on('line', (line) => lines.push(line));
  }
  // A test run that is killed must not leave a server behind.
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  server.once('exit', () => process.off('exit', end));
  return server;
}

async function answers(frontend: Frontend, server: ChildProcess, lines: readonly string[]): Promise<void> {
  let failure: unknown;
  server.once('error', (error) => {
    failure = error;
  });
  await until(async () => {
    if (failure || server.exitCode !== null || server.signalCode !== null) {
      throw new Error(`Temporal did not start: ${failure ?? ''}\n${lines.join('\n')}`);
    }
    const temporal = await connectTemporal(frontend).catch(() => undefined);
    temporal?.close();
    return temporal !== undefined;
  });
}

/** Waits for a condition. Only what would never come is given up; see `served` for a namespace that is not found. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 300_000;
  while (!(await served(async () => holds()))) {
    if (Date.now() > end) throw new Error(`not within 300 seconds: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function testOwner(environment: string, app = 'shop'): Owner {
  const repository = `/repositories/${app}/.git`;
  return { app, environment, repository, branch: environment, worktree: `/worktrees/${environment}` };
}

/** The request of an environment of the test. */
export function testRequest(
  environment: string,
  change: Partial<Omit<NamespaceRequest, 'name'>> = {},
): NamespaceRequest {
  return {
    name: `wt-shop--${environment}`,
    owner: testOwner(environment),
    retentionSeconds: 86_400,
    searchAttributes: {},
    retired: [],
    ...change,
  };
}

/**
 * The server reads all namespaces every two seconds, and a read that began before one was created may end after it: on
 * a busy machine it forgets a new one once more. A worker asks again then, and so does this.
 */
export function served<T>(call: () => Promise<T>): Promise<T> {
  return retry(call, {
    again: (error) => /Namespace \S+ is not found/.test(String(error)),
    every: 50,
    within: 120_000,
    signal: new AbortController().signal,
  });
}

/** Starts a workflow that no worker will execute. Search attributes: `{ OrderId: 'a-1' }`, as Keyword. */
export async function startWorkflow(
  temporal: Temporal,
  namespace: string,
  id: string,
  options: { readonly taskQueue?: string; readonly searchAttributes?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const encoding = Buffer.from('json/plain');
  const indexedFields = Object.fromEntries(
    Object.entries(options.searchAttributes ?? {}).map(([name, value]) => [
      name,
      { metadata: { encoding, type: Buffer.from('Keyword') }, data: Buffer.from(JSON.stringify(value)) },
    ]),
  );
  const requestId = randomUUID();
  await served(() =>
    temporal.workflow.startWorkflowExecution({
      namespace,
      workflowId: id,
      requestId,
      identity: 'test',
      workflowType: { name: 'order' },
      taskQueue: { name: options.taskQueue ?? 'orders' },
      searchAttributes: { indexedFields },
    }),
  );
}

/** The same connection, which reports every call before it is made. */
export function watched(temporal: Temporal, before: (method: string) => void | Promise<void>): Temporal {
  const observed = <Service extends object>(service: Service): Service =>
    new Proxy(service, {
      get: (target, name) => async (request: object) => {
        await before(String(name));
        const call = Reflect.get(target, name) as (request: object) => Promise<unknown>;
        return call.call(target, request);
      },
    });
  return {
    workflow: observed(temporal.workflow),
    operator: observed(temporal.operator),
    under: (signal) => watched(temporal.under(signal), before),
    close: () => temporal.close(),
  };
}
