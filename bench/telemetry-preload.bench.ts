import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { packageRoot } from '../core/package-root.ts';
import { median, report, type Series } from './measure.ts';

const root = packageRoot();
const preload = join(root, 'dist', 'instrumentation', 'node', 'preload.cjs');
const apps = join(root, 'instrumentation', 'node', 'test');
const starts = 11;
const rounds = 5;
const requests = 2000;
const clients = 2;
/** Hz of the times in /proc, on every Linux. */
const ticks = 100;

/** A Collector in one of its states, as the address that an app is given. */
const collectors = {
  answers: await listening((_request, response) => response.end()),
  'answers 503': await listening((_request, response) => response.writeHead(503).end()),
  'never answers': await listening(() => {}),
};
const endpoints: Readonly<Record<string, string | undefined>> = {
  'no instrumentation': undefined,
  ...Object.fromEntries(Object.entries(collectors).map(([name, server]) => [name, addressOf(server)])),
  'port closed': 'http://127.0.0.1:9',
};

interface App {
  readonly child: ChildProcess;
  readonly port: number;
}

const startSeries = new Map<string, number[]>();
const ways = { without: {}, instrumented: traced(endpoints.answers), 'SDK disabled': disabled() };
for (let round = 0; round < starts; round += 1)
  for (const file of ['app.cjs', 'app.mjs'])
    for (const [way, env] of Object.entries(ways)) {
      const app = await started(file, env);
      add(startSeries, `${file}, ${way}: CPU`, cpuOf(app));
      add(startSeries, `${file}, ${way}: memory`, memoryOf(app));
      await ended(app);
    }

const loadSeries = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1)
  for (const [state, endpoint] of Object.entries(endpoints)) {
    const app = await started('app.cjs', endpoint === undefined ? {} : traced(endpoint));
    await load(app, requests / 2);
    const before = cpuOf(app);
    const times = (await load(app, requests)).sort((one, other) => one - other);
    add(loadSeries, `${state}: CPU of a request`, (cpuOf(app) - before) / requests);
    add(loadSeries, `${state}: p50`, times[Math.floor(times.length * 0.5)] ?? 0);
    add(loadSeries, `${state}: p99`, times[Math.floor(times.length * 0.99)] ?? 0);
    await ended(app);
  }
for (const server of Object.values(collectors)) {
  server.closeAllConnections();
  server.close();
}

const p99 = (state: string) => median(loadSeries.get(`${state}: p99`) ?? []);
report({
  name: 'telemetry-preload',
  method: `What \`instrument: [node]\` costs an Express app: CPU and memory when it listens, in turn with and without; then ${requests} requests by ${clients} clients, with a Collector that answers, refuses, never answers, and is away.`,
  series: { ...seriesOf(startSeries), ...seriesOf(loadSeries) },
  reach: ['answers 503', 'never answers', 'port closed'].map((state) => ({
    what: `p99 with a Collector that ${state === 'port closed' ? 'is away' : state} ÷ with one that answers`,
    value: p99(state) / p99('answers'),
    bound: 1.1,
  })),
});

function traced(endpoint: string | undefined): Record<string, string> {
  return {
    NODE_OPTIONS: `--require=${preload}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint ?? '',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
    OTEL_METRIC_EXPORT_INTERVAL: '15000',
    OTEL_METRIC_EXPORT_TIMEOUT: '10000',
  };
}

function disabled(): Record<string, string> {
  return { ...traced(endpoints.answers), OTEL_SDK_DISABLED: 'true' };
}

function listening(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    answer?.(request, response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function started(file: string, env: Readonly<Record<string, string>>): Promise<App> {
  const child = spawn(process.execPath, [join(apps, file)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  child.stdout.resume();
  return { child, port: (JSON.parse(line) as { port: number }).port };
}

async function ended({ child }: App): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

/** Milliseconds of each request, `clients` of them at a time. */
async function load({ port }: App, count: number): Promise<number[]> {
  const dispatcher = new Agent();
  const times: number[] = [];
  const client = async () => {
    for (let sent = 0; sent < count / clients; sent += 1) {
      const began = performance.now();
      const { body } = await request(`http://127.0.0.1:${port}/inner`, { dispatcher });
      await body.dump();
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  await dispatcher.close();
  return times;
}

/** Milliseconds, user and system: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuOf({ child }: App): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (((utime ?? 0) + (stime ?? 0)) * 1000) / ticks;
}

/** Resident MB. */
function memoryOf({ child }: App): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

function add(series: Map<string, number[]>, name: string, value: number): void {
  series.set(name, [...(series.get(name) ?? []), value]);
}

function seriesOf(all: ReadonlyMap<string, readonly number[]>): Record<string, Series> {
  const unitOf = (name: string) => (name.endsWith('memory') ? ('MB' as const) : ('ms' as const));
  return Object.fromEntries([...all].map(([name, runs]) => [name, { unit: unitOf(name), runs }]));
}
