import { messageOf } from '../../core/errors.ts';
import { run } from '../../core/run.ts';
import type { StackName } from './backend-files.ts';
import { fullDisk } from './full-disk.ts';
import type { EngineSetup } from './run.ts';

/**
 * Runs a short command of the engine about a stack and returns what it printed. Throws COPPICE_DISK_FULL and
 * COPPICE_COMMAND_FAILED.
 */
export async function pulumi(
  words: readonly string[],
  { project, stack }: StackName,
  setup: EngineSetup,
): Promise<string> {
  try {
    return await run(setup.pulumi, [...words, '--non-interactive'], {
      cwd: setup.folder,
      env: setup.environment,
    });
  } catch (error) {
    throw (await fullDisk(`${project}/${stack} is as it was`, messageOf(error))) ?? error;
  }
}
