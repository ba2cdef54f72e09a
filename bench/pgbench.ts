import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresPlan } from '../config/plan/environment-plan.ts';
import type { Server } from '../servers/postgres/connection/server.ts';
import { templateRequest } from '../servers/postgres/templates/identity.ts';
import { ensureTemplate, type Template } from '../servers/postgres/templates/template.ts';
import type { Login, TemplateRequest } from '../servers/postgres/types.ts';
import { program } from '../toolchain/toolchain.ts';

/** Path of one of PostgreSQL's programs: `pgbench`, `createdb`. */
function postgresProgram(name: string): string {
  const folder = program('postgresql');
  if (folder === undefined) throw new Error('the toolchain has no postgresql: run `wt toolchain install`');
  return join(folder, 'bin', name);
}

/** Starts one of PostgreSQL's programs as `login` in `database`. */
function startPostgres(
  name: string,
  args: readonly string[],
  login: Login,
  cwd = tmpdir(),
): ChildProcess & { readonly done: Promise<void> } {
  const { host, port, user, password } = login;
  const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
  const child = spawn(postgresProgram(name), args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-2000);
  });
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${name} ended with ${code ?? signal}: ${output}`)),
    );
  });
  return Object.assign(child, { done });
}

export function runPostgres(name: string, args: readonly string[], login: Login): Promise<void> {
  return startPostgres(name, args, login).done;
}

/** pgbench's tables: 15 MB per unit of scale, 8 MB for the empty ones of scale 0. */
const initialise = (scale: number) => (scale === 0 ? ['-i', '-I', 'dtp'] : ['-i', '-q', '-s', String(scale)]);

/** The plan of an app whose only migration is pgbench's. */
export function pgbenchPlan(app: string, environment: string, scale: number): PostgresPlan {
  const command = ['pgbench', ...initialise(scale)];
  const sha256 = createHash('sha256').update(command.join(' ')).digest('hex');
  return {
    engine: 'postgres',
    server: 'platform',
    name: `wt_${app}__${environment}`,
    owner: `${app}_owner`,
    extensions: [],
    migrate: {
      image: 'pgbench',
      command,
      env: {},
      secretEnv: {},
      timeoutSeconds: 600,
      migrations: [{ path: `scale-${scale}`, sha256 }],
      tools: [],
    },
  };
}

/** The template of {@link pgbenchPlan}, filled by pgbench as the app's own command would. */
export async function pgbenchTemplate(
  server: Server,
  app: string,
  scale: number,
): Promise<{ readonly template: Template; readonly request: TemplateRequest }> {
  const request = templateRequest(app, pgbenchPlan(app, 'any', scale), 18);
  const template = await ensureTemplate(server, request, {
    signal: new AbortController().signal,
    run: ({ database, user, password }) =>
      runPostgres('pgbench', [...initialise(scale), database], {
        ...server.login,
        user,
        password,
      }),
  });
  return { template, request };
}

/** The next copy must not pay for the writes that a dropped one left pending. */
export async function settle(server: Server): Promise<void> {
  await server.query('CHECKPOINT');
  execFileSync('sync');
}

/** Milliseconds of every transaction of `pgbench` at a fixed rate, including queueing, while `work` runs. */
export async function latenciesWhile(
  login: Login,
  database: string,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  work: (running: () => boolean) => Promise<void>,
): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coppice-pgbench-'));
  try {
    const args = ['-n', '-c', '8', '-j', '1', '-R', String(rate), '-T', String(seconds), '-l', database];
    const child = startPostgres('pgbench', args, login, folder);
    let running = true;
    const ended = child.done.finally(() => {
      running = false;
    });
    await Promise.all([ended, work(() => running)]);
    return readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
      .map((line) => Number(line.split(' ')[2]) / 1000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
