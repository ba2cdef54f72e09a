import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { prometheusFile } from '../../../platform/metrics/config.ts';
import { type Asker, askHere } from '../../../servers/telemetry/reach.ts';
import { freePort } from '../ports.ts';
import { engine } from './engines.ts';

/** A store alone, without a Collector in front, on free ports of 127.0.0.1. */
export interface StoreAlone {
  readonly asker: Asker;
  /** Where it takes OTLP over HTTP. */
  readonly url: string;
  /** Ends it and deletes its folder. */
  readonly remove: () => Promise<void>;
}

export async function startJaeger(): Promise<StoreAlone> {
  const [query, grpc, otlp] = [await freePort(), await freePort(), await freePort()];
  return started(query, 'traces', `http://127.0.0.1:${otlp}`, (file) => ({
    program: 'jaeger',
    args: [`--config=${file('jaeger.yaml', jaegerFile({ query, grpc, otlp }))}`],
    ready: `http://127.0.0.1:${query}/api/services`,
  }));
}

export async function startPrometheus(): Promise<StoreAlone> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return started(port, 'metrics', url, (file, folder) => ({
    program: 'prometheus',
    args: [
      `--config.file=${file('prometheus.yaml', prometheusFile({ scrapes: [] }))}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-otlp-receiver',
      '--web.enable-admin-api',
    ],
    ready: `${url}/-/ready`,
  }));
}

type WriteFile = (name: string, text: string) => string;

async function started(
  port: number,
  store: 'traces' | 'metrics',
  url: string,
  argsOf: (file: WriteFile, folder: string) => Omit<Parameters<typeof engine>[0], 'folder'>,
): Promise<StoreAlone> {
  const folder = mkdtempSync(join(tmpdir(), `coppice-${store}-`));
  const file: WriteFile = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const server = await engine({ ...argsOf(file, folder), folder });
  const remove = async () => {
    await server.kill();
    rmSync(folder, { recursive: true });
  };
  try {
    await server.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { asker: askHere(port, store), url, remove };
}

/** OTLP in, memory, and the API: none of the twenty other ports that it has by itself. */
function jaegerFile(ports: { readonly query: number; readonly grpc: number; readonly otlp: number }): string {
  const at = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return stringify({
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      jaeger_storage: { backends: { main: { memory: { max_traces: 20_000 } } } },
      jaeger_query: { storage: { traces: 'main' }, http: at(ports.query), grpc: at(ports.grpc) },
    },
    receivers: { otlp: { protocols: { http: at(ports.otlp) } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
  });
}
