import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '@pulumi/pulumi/provider/server.js';
import { packageRoot } from '../core/package-root.ts';
import { frame } from './frame.ts';

/** The plugin `pulumi-resource-coppice`: the engine starts it and reads its port from the first line that it prints. */
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
  version: string;
};

const provider = frame(version, {
  'coppice:index:Environment': async () => (await import('../resources/environment/handler.ts')).environment,
  'coppice:index:Platform': async () => (await import('../resources/platform/handler.ts')).platform,
  'coppice:index:Ready': async () => (await import('../resources/ready/handler.ts')).ready,
  'coppice:index:Password': async () => (await import('../resources/password/handler.ts')).password,
  'coppice:index:Database': async () => (await import('../resources/database/handler.ts')).database,
  'coppice:index:DatabaseTemplate': async () =>
    (await import('../resources/database-template/handler.ts')).databaseTemplate,
  'coppice:index:DatabaseAccess': async () =>
    (await import('../resources/database-access/handler.ts')).databaseAccess,
  'coppice:index:SqliteDatabase': async () =>
    (await import('../resources/sqlite-database/handler.ts')).sqliteDatabase,
  'coppice:index:Install': async () => (await import('../resources/install/handler.ts')).install,
  'coppice:index:TemporalNamespace': async () =>
    (await import('../resources/temporal-namespace/handler.ts')).temporalNamespace,
  'coppice:index:Definitions': async () => (await import('../resources/definitions/handler.ts')).definitions,
});

/** An engine that was killed with -9 ends no plugin. */
function endWithEngine(): void {
  const engine = process.ppid;
  const look = () => {
    if (process.ppid !== engine) process.exit(1);
  };
  setInterval(look, 1_000).unref();
}

async function serve(): Promise<void> {
  endWithEngine();
  await main(provider, process.argv.slice(2));
  // Every resource needs it, and the engine has other things to do until the first one comes.
  await import('../cluster/kube/apis.ts');
}

serve().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
