import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { packageRoot } from '../../../../core/package-root.ts';

export const apps = join(packageRoot(), 'instrumentation', 'node', 'test');

/** A process as a pod would start it. */
export interface App {
  readonly child: ChildProcess;
  /** Everything on its standard output, and on its standard error. */
  out(): string;
  err(): string;
  /** What a path of it answers. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; text: string }>;
  /** The code or the signal that it ended with. */
  ended(): Promise<number | string>;
}

export interface Started {
  /** argv; the first word is the program. */
  readonly command: readonly string[];
  readonly preload: string;
  readonly endpoint?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export function startApp({ command, preload, endpoint, env = {}, cwd }: Started): App {
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_OPTIONS: `--require=${preload}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...(endpoint !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
      ...env,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const port = () =>
    vi.waitFor(() => {
      // Of the last start: a watcher starts the app again and again.
      const ports = [...out.matchAll(/"port":(\d+)/g)];
      expect(ports.length, err).toBeGreaterThan(0);
      return ports.at(-1)?.[1];
    }, patience);
  return {
    child,
    out: () => out,
    err: () => err,
    async get(path, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${await port()}${path}`, { headers });
      return { status: response.status, text: await response.text() };
    },
    ended: () => ended,
  };
}

export const patience = { timeout: 60_000, interval: 50 };
