import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { start } from '../../core/run.ts';
import { retry } from '../../core/until.ts';

/** Milliseconds to wait for other transactions. */
const patienceMilliseconds = 10_000;
/**
 * Milliseconds of one attempt. SQLite itself polls less and less often (https://sqlite.org/c3ref/busy_timeout.html):
 * after a tenth of a second so rarely that a busy writer kept it out for ten seconds.
 */
const tryMilliseconds = 20;

export interface SqliteOptions {
  readonly signal?: AbortSignal;
  /** Called when all statements are done and before the connection closes, so while their transaction is open. */
  readonly meanwhile?: () => Promise<unknown>;
}

/**
 * Runs statements on an existing file, in the `sqlite3` program; returns their output. Throws COPPICE_SQLITE with the
 * program's own words, COPPICE_INTERRUPTED.
 */
export async function sqlite(
  file: string,
  statements: readonly string[],
  options: SqliteOptions = {},
): Promise<string> {
  try {
    return await retry(() => attempt(file, statements, options), {
      again: isLocked,
      // SQLite itself has waited.
      every: 0,
      within: patienceMilliseconds,
      signal: options.signal,
    });
  } catch (error) {
    throw failureError(file, error, options.signal);
  }
}

async function attempt(
  file: string,
  statements: readonly string[],
  { signal, meanwhile }: SqliteOptions,
): Promise<string> {
  // A URI opens only existing files. The user's own ~/.sqliterc must not add output.
  const uri = `${pathToFileURL(file)}?mode=rw`;
  const child = start('sqlite3', ['-batch', '-bail', '-init', '/dev/null', uri], {
    stdio: 'pipe',
    ...defined({ signal }),
  });
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  // It may exit before it has read everything; its exit code says why.
  child.stdin.on('error', () => undefined);
  const end = once(child, 'close');
  end.catch(() => undefined);

  // Between the two marks is the output of the statements, without that of the settings.
  const mark = `--- ${process.hrtime.bigint()}`;
  const script = [
    `.timeout ${tryMilliseconds}`,
    // Otherwise the last connection to close would write the log of the source into the source.
    '.dbconfig no_ckpt_on_close on',
    ...[`.print ${mark}`, ...statements, `.print ${mark}`],
  ];
  child.stdin.write(`${script.join('\n')}\n`);
  const result = () => printed.split(mark);
  try {
    if (meanwhile && (await seen(child.stdout, end, () => result().length > 2))) await meanwhile();
    child.stdin.end();
    const [code] = await end;
    if (code !== 0) throw new Error(complaint.trim() || `sqlite3 ended with ${code}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return result()[1]?.trim() ?? '';
}

/** False when the program exited first. */
async function seen(
  output: NodeJS.ReadableStream,
  end: Promise<unknown>,
  condition: () => boolean,
): Promise<boolean> {
  const ended = end.then(() => true);
  while (!condition()) {
    const over = await Promise.race([ended, once(output, 'data').then(() => false)]);
    if (over) return condition();
  }
  return true;
}

function isLocked(error: unknown): boolean {
  return messageOf(error).includes('database is locked');
}

/** Whether the program could not be started at all. */
function isSpawnFailure(error: unknown): boolean {
  const syscall = error instanceof Error && 'syscall' in error && error.syscall;
  return typeof syscall === 'string' && syscall.startsWith('spawn');
}

function failureError(file: string, cause: unknown, signal: AbortSignal | undefined): CoppiceError {
  if (signal?.aborted) return new CoppiceError('COPPICE_INTERRUPTED', 'interrupted', { cause });
  const message = messageOf(cause);
  if (isSpawnFailure(cause))
    return new CoppiceError('COPPICE_SQLITE', `sqlite3 could not be run: ${message}`, {
      hint: 'install it with `wt toolchain install sqlite3`',
      cause,
    });
  const hint = isLocked(cause)
    ? 'another program has a transaction open in it; close it, then try again'
    : 'look at it with `sqlite3`';
  return new CoppiceError('COPPICE_SQLITE', `${file}: ${message}`, { hint, cause });
}
