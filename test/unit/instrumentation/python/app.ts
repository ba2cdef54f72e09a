import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, vi } from 'vitest';
import { patience } from '../node/app.ts';

/** A Python process as a pod would start it. */
export interface PythonApp {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** What a path of it answers, as soon as it does. */
  get(path: string, headers?: Record<string, string>): Promise<string>;
  /** The code or the signal that it ended with. */
  ended(): Promise<number | string>;
  /** Ends it, and all that it started. */
  kill(): Promise<void>;
}

export interface StartedPython {
  /** argv; `{port}` is a free port, which PORT says too. */
  readonly command: readonly string[];
  /** Folder of the instrumentation. */
  readonly built: string;
  readonly endpoint?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export async function startPython({
  command,
  built,
  endpoint,
  env = {},
  cwd,
}: StartedPython): Promise<PythonApp> {
  const port = String(await freePort());
  const [program = '', ...words] = command.map((word) => word.replace('{port}', port));
  const { PYTHONPATH: own, ...others } = env;
  const child = spawn(program, words, {
    cwd,
    // A group of its own: what it started goes with it.
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      PORT: port,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: own === undefined ? built : `${built}:${own}`,
      OTEL_SERVICE_NAME: 'web',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...(endpoint !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
      ...others,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    out: () => out,
    err: () => err,
    ended: () => ended,
    async kill() {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of them have ended.
      }
      await ended;
    },
    get: (path, headers = {}) =>
      vi.waitFor(async () => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(
          (error: unknown) => error,
        );
        if (!(response instanceof Response)) throw new Error(`no answer: ${response}\n${out}\n${err}`);
        expect(response.status, err).toBe(200);
        return await response.text();
      }, patience),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
