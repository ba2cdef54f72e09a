import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../core/run.ts';
import type { EngineSetup } from './run.ts';
import { readStack, type StackName } from './stack-state.ts';

interface Deployment {
  deployment?: { pending_operations?: unknown[] };
}

/**
 * Forgets the operations that a killed run left half-done. All our objects are applied with upsert and a fixed field
 * manager, so the next `up` adopts half-created ones; without this the engine would keep the entries and warn for ever.
 * Uses `stack export` and `stack import`, which Pulumi's documentation names for it: `refresh --clear-pending-creates`
 * would first query the cluster for every resource.
 */
export async function clearPendingOperations(name: StackName, setup: EngineSetup): Promise<number> {
  const pending = (await readStack(name))?.pending.length ?? 0;
  if (pending === 0) return 0;
  const pulumi = (...args: string[]) =>
    run(setup.pulumi, [...args, '--stack', name.stack, '--non-interactive'], {
      cwd: setup.folder,
      env: setup.environment,
    });
  const state = JSON.parse(await pulumi('stack', 'export')) as Deployment;
  if (state.deployment) state.deployment.pending_operations = [];
  const file = join(setup.folder, `${name.stack}.without-pending.json`);
  await writeFile(file, JSON.stringify(state), { mode: 0o600 });
  await pulumi('stack', 'import', '--file', file);
  return pending;
}
