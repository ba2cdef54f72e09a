import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../core/files.ts';
import { pulumi } from './command.ts';
import type { EngineSetup } from './run.ts';
import { readStack, type StackName } from './stack-state.ts';

interface Deployment {
  deployment?: { pending_operations?: unknown[] };
}

/**
 * Forgets the operations that a killed run left half-done. All our objects are applied with upsert and a fixed field
 * manager, so the next `up` adopts half-created ones; without this the engine would keep the entries and warn for ever.
 * Uses `stack export` and `stack import`, which Pulumi's documentation names for it: `refresh --clear-pending-creates`
 * would first query the cluster for every resource. Throws COPPICE_DISK_FULL.
 */
export async function clearPendingOperations(name: StackName, setup: EngineSetup): Promise<number> {
  const pending = (await readStack(name))?.pending.length ?? 0;
  if (pending === 0) return 0;
  const state = JSON.parse(
    await pulumi(['stack', 'export', '--stack', name.stack], name, setup),
  ) as Deployment;
  if (state.deployment) state.deployment.pending_operations = [];
  const file = join(setup.folder, `${name.stack}.without-pending.json`);
  await writeJson(file, state);
  try {
    await pulumi(['stack', 'import', '--file', file, '--stack', name.stack], name, setup);
  } finally {
    await rm(file, { force: true });
  }
  return pending;
}
