import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CoppiceError } from './errors.ts';
import { realPath } from './real-path.ts';
import { quote } from './shell.ts';

/**
 * Absolute path of the folder in which this process was started, without symbolic links. Throws COPPICE_NO_FOLDER when
 * that folder was removed since: a shell stays in it all the same.
 */
export function currentFolder(env: NodeJS.ProcessEnv): string {
  try {
    return realPath(process.cwd());
  } catch (cause) {
    throw goneError(env.PWD, cause);
  }
}

/** Shells say where they are, which the system no longer knows. */
function goneError(path: string | undefined, cause: unknown): CoppiceError {
  const known = path?.startsWith('/') ? path : undefined;
  const message = `the current folder${known === undefined ? '' : `, ${known},`} was deleted`;
  // One that was made again at the same path is another folder, until the shell enters it.
  const hint = `cd ${known === undefined ? '' : quote(nearest(known), 'posix')}`.trimEnd();
  return new CoppiceError('COPPICE_NO_FOLDER', message, { hint, cause });
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
