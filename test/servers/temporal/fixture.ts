import { test as base } from 'vitest';
import type { Temporal } from '../../../servers/temporal/types.ts';
import { startTestServer, type TestServer } from './harness.ts';

/** The dev server of this test file, and a connection to it; set before its first test. */
export let server: TestServer;
export let temporal: Temporal;

/** Never aborted. */
export const { signal } = new AbortController();

/** Restarts the server after its `kill`, with a new connection. */
export async function startAgain(): Promise<void> {
  temporal.close();
  await server.start();
  temporal = await server.connect();
}

/** A test in a file with a server, which is removed after the last test. */
export const test = base
  .extend('startedServer', { scope: 'file' }, () => startTestServer())
  .extend('connection', { scope: 'file', auto: true }, async ({ startedServer }, { onCleanup }) => {
    onCleanup(async () => {
      temporal?.close();
      await startedServer.remove();
    });
    server = startedServer;
    temporal = await server.connect();
    return temporal;
  });
