import { test as base } from 'vitest';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { environmentsOf, platformSettings } from './environments.ts';
import { startTestServer, type TestServer } from './harness.ts';

/**
 * The server of this test file with the platform's settings, and a superuser's connection; set before its first test.
 */
export let server: TestServer;
export let admin: Server;
/** Environments of an app with databases on it. */
export let shop: ReturnType<typeof environmentsOf>;

/** Restarts the server after its `kill`, with a new connection. */
export async function startAgain(): Promise<void> {
  await server.start();
  admin = await server.connect();
}

/** A test in a file with a server, which is removed after the last test. */
export const test = base
  .extend('startedServer', { scope: 'file' }, () => startTestServer({ settings: platformSettings }))
  .extend('connection', { scope: 'file', auto: true }, async ({ startedServer }, { onCleanup }) => {
    onCleanup(async () => {
      await admin?.close();
      await startedServer.remove();
    });
    server = startedServer;
    admin = await server.connect();
    shop = environmentsOf(server);
    return admin;
  });
