import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '@pulumi/pulumi/provider/server.js';
import { packageRoot } from '../core/package-root.ts';
import { handlerOf } from '../resources/registry.ts';
import { notesTo } from './notes.ts';
import { providerOf } from './provider.ts';

/** The plugin `pulumi-resource-coppice`: the engine starts it and reads its port from the first line of output. */
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
  version: string;
};

/** The engine gives its own address as the first argument. */
const args = process.argv.slice(2);
const provider = providerOf(version, handlerOf, notesTo(args.find((arg) => !arg.startsWith('-'))));

/** An engine that was killed with -9 does not stop its plugins. */
function endWithEngine(): void {
  const engine = process.ppid;
  const look = () => {
    if (process.ppid !== engine) process.exit(1);
  };
  setInterval(look, 1_000).unref();
}

async function serve(): Promise<void> {
  endWithEngine();
  await main(provider, args);
  // Every resource needs it, and the engine is busy until the first one comes.
  await import('../cluster/kube/apis.ts');
}

serve().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
