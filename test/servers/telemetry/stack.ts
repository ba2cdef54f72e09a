import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Label } from '../../../core/labels.ts';
import { hostPath, hostTokenHeader } from '../../../core/telemetry.ts';
import { environmentLimits, telemetryLimits } from '../../../core/telemetry-limits.ts';
import { type CollectorConfigArgs, collectorFile } from '../../../platform/collector/config.ts';
import { prometheusFile } from '../../../platform/metrics/config.ts';
import { jaegerFile as badgerFile } from '../../../platform/traces/config.ts';
import { freePort } from '../ports.ts';
import { type Engine, engine } from './engines.ts';
import { startPodsApi, type TestPod } from './pods-api.ts';

/** The Collector with its configuration in front of the three stores, all on free ports of 127.0.0.1. */
export interface Stack {
  readonly folder: string;
  /** Where the container runtime of a node would write. */
  readonly podLogs: string;
  readonly collector: Engine;
  readonly logs: Engine;
  readonly metrics: Engine;
  readonly traces: Engine;
  readonly urls: { readonly logs: string; readonly metrics: string; readonly traces: string };
  /** Sends OTLP as JSON; the address is the sender's. */
  readonly send: (ip: string, signal: Signal, body: object) => Promise<number>;
  /** As a process of this machine; `shown` is the token, none if undefined. */
  readonly sendFromHost: (shown: string | undefined, signal: Signal, body: object) => Promise<number>;
  readonly sendAsGateway: (token: string, body: object) => Promise<number>;
  /** What the Collector says of itself. */
  readonly collectorMetrics: () => Promise<string>;
  /** Ends them all and deletes the folder. */
  readonly remove: () => Promise<void>;
}

export type Signal = 'logs' | 'metrics' | 'traces';

export const gatewayToken = 'token-of-the-gateway';

/** The pod of a service in an environment of the app `shop`. */
export function shopPod(slug: string, service: string, ip: string): TestPod {
  return {
    namespace: `wt-shop--${slug}`,
    name: `${service}-${slug}-5d8f7c-x4x4x`,
    ip,
    labels: {
      [Label.app]: 'shop',
      [Label.environment]: slug,
      [Label.environmentId]: `id-of-${slug}`,
      [Label.service]: service,
    },
  };
}

export interface StackOptions {
  /** In place of the platform's own; null: a Collector that is not our build. */
  readonly limits?: CollectorConfigArgs['limits'] | null;
  /** Traces on disk, as the platform has them. */
  readonly badger?: true;
  /** Where the stores have their data; by default in the folder of the stack. */
  readonly data?: string;
}

/** A started one. */
export async function startStack(
  pods: readonly TestPod[],
  { limits = environmentLimits, badger, data }: StackOptions = {},
): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'coppice-telemetry-'));
  const ports = {
    otlpGrpc: await freePort(),
    otlpHttp: await freePort(),
    gateway: await freePort(),
    host: await freePort(),
    metrics: await freePort(),
    health: await freePort(),
  };
  const [logsPort, metricsPort] = [await freePort(), await freePort()];
  const traces = {
    query: await freePort(),
    grpcQuery: await freePort(),
    otlp: await freePort(),
    health: await freePort(),
  };
  const urls = {
    logs: `http://127.0.0.1:${logsPort}`,
    metrics: `http://127.0.0.1:${metricsPort}`,
    traces: `http://127.0.0.1:${traces.query}`,
  };
  const api = await startPodsApi(pods);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const podLogs = join(folder, 'pods');
  mkdirSync(podLogs);
  const config = collectorFile({
    listen: '127.0.0.1',
    ports,
    kubernetes: 'kubeConfig',
    folders: { podLogs, queue: join(folder, 'queue') },
    gatewayToken: file('token', gatewayToken),
    stores: { logs: urls.logs, metrics: urls.metrics, traces: `127.0.0.1:${traces.otlp}` },
    logDays: 7,
    memoryMib: 512,
    ...(limits && { limits }),
  });
  const stored = data ?? folder;
  const engines = {
    logs: await engine({
      program: 'victoria-logs',
      args: [
        `-httpListenAddr=127.0.0.1:${logsPort}`,
        `-storageDataPath=${join(stored, 'logs')}`,
        '-retentionPeriod=7d',
        '-delete.enable',
      ],
      folder,
      ready: `${urls.logs}/health`,
    }),
    metrics: await engine({
      program: 'prometheus',
      args: [
        `--config.file=${file('prometheus.yaml', prometheusFile({ scrapes: [] }))}`,
        `--storage.tsdb.path=${join(stored, 'metrics')}`,
        `--web.listen-address=127.0.0.1:${metricsPort}`,
        '--web.enable-otlp-receiver',
        '--enable-feature=exemplar-storage',
        '--web.enable-admin-api',
      ],
      folder,
      ready: `${urls.metrics}/-/ready`,
    }),
    traces: await engine({
      program: 'jaeger',
      args: [
        `--config=${file('jaeger.yaml', badger ? onBadger(traces, join(stored, 'traces')) : jaegerFile(traces))}`,
      ],
      folder,
      ready: `${urls.traces}/api/services`,
    }),
    collector: await engine({
      program: 'otelcol',
      args: ['--config', file('collector.yaml', config)],
      folder,
      env: { KUBECONFIG: file('kubeconfig', api.kubeconfig), HOME: folder },
      ready: `http://127.0.0.1:${ports.health}/`,
    }),
  };
  const all = Object.values(engines);
  const remove = async () => {
    await Promise.all(all.map(({ kill }) => kill()));
    await api.close();
    rmSync(folder, { recursive: true });
  };
  try {
    await Promise.all(all.map(({ start }) => start()));
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    podLogs,
    ...engines,
    urls,
    remove,
    collectorMetrics: async () => (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text(),
    send: (ip, signal, body) => post(ports.otlpHttp, signal, body, { localAddress: ip }),
    sendFromHost: (shown, signal, body) =>
      post(ports.host, signal, body, {
        below: hostPath,
        headers: shown === undefined ? {} : { [hostTokenHeader]: shown },
      }),
    sendAsGateway: (token, body) =>
      post(ports.gateway, 'traces', body, { headers: { authorization: `Bearer ${token}` } }),
  };
}

function post(
  port: number,
  signal: Signal,
  body: object,
  {
    below = '',
    ...options
  }: {
    readonly localAddress?: string;
    readonly headers?: Record<string, string>;
    readonly below?: string;
  },
): Promise<number> {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...options,
        host: '127.0.0.1',
        port,
        path: `${below}/v1/${signal}`,
        method: 'POST',
        headers,
        agent: false,
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(text);
  });
}

/** As in the cluster. */
function onBadger(ports: Record<'query' | 'otlp' | 'health' | 'grpcQuery', number>, folder: string): string {
  return badgerFile({
    listen: '127.0.0.1',
    folder,
    days: telemetryLimits.traces.days,
    ports: { query: ports.query, otlpGrpc: ports.otlp, health: ports.health },
  }).replace('127.0.0.1:16685', `127.0.0.1:${ports.grpcQuery}`);
}

/** In memory; every other port of its default configuration is left out. */
function jaegerFile(ports: Record<'query' | 'grpcQuery' | 'otlp', number>): string {
  const at = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return JSON.stringify({
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 20_000 } } } },
      jaeger_query: { storage: { traces: 'memory' }, http: at(ports.query), grpc: at(ports.grpcQuery) },
    },
    receivers: { otlp: { protocols: { grpc: at(ports.otlp) } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
    },
  });
}
