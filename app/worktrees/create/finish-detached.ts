import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256 } from '../../../core/hash.ts';
import { packageRoot } from '../../../core/package-root.ts';
import { paths } from '../../../core/paths.ts';
import { start } from '../../../core/run.ts';
import type { Ports } from '../../ports.ts';
import type { CreatedWorktree } from './making.ts';

/**
 * Starts `wt create` of a branch, which finishes what `restLater` left and brings the environment up, and does not wait:
 * it goes on when this process and its terminal have ended. Returns the absolute path of the file that all its output
 * goes to.
 */
export async function finishDetached(
  { branch, worktree }: Pick<CreatedWorktree, 'branch' | 'worktree'>,
  { cwd, env }: Pick<Ports, 'cwd' | 'env'>,
): Promise<string> {
  const { logs } = paths();
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const log = join(logs, `create-${basename(worktree)}-${sha256(worktree, 8)}-${process.pid}.txt`);
  const output = openSync(log, 'w', 0o600);
  const words = [join(packageRoot(), 'bin', 'wt'), 'create', branch];
  const options = { cwd, env, detached: true, stdio: ['ignore', output, output] } as const;
  const child = start(process.execPath, words, options);
  child.unref();
  closeSync(output);
  return log;
}
