import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256 } from '../../core/hash.ts';
import { packageRoot } from '../../core/package-root.ts';
import { paths } from '../../core/paths.ts';
import { start } from '../../core/run.ts';

/**
 * Starts `wt up` in a folder and does not wait: it goes on when this process and its terminal have ended. Returns the
 * absolute path of the file that all its output goes to.
 */
export async function upDetached(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { logs } = paths();
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const log = join(logs, `up-${basename(folder)}-${sha256(folder, 8)}.txt`);
  const output = openSync(log, 'w', 0o600);
  const words = [join(packageRoot(), 'bin', 'wt'), 'up'];
  const options = { cwd: folder, env, detached: true, stdio: ['ignore', output, output] } as const;
  const child = start(process.execPath, words, options);
  child.unref();
  closeSync(output);
  return log;
}
