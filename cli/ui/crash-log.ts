import { join } from 'node:path';
import { inspect } from 'node:util';
import { writeAtomic } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';

/** Writes all details of an unexpected error; returns the file, or undefined when it cannot be written. */
export async function writeCrashLog(error: unknown): Promise<string | undefined> {
  const time = new Date().toISOString();
  const file = join(paths().logs, `crash-${time.replaceAll(/[:.]/g, '-')}-${process.pid}.txt`);
  const text = [
    time,
    `wt ${process.argv.slice(2).join(' ')}`,
    `in ${process.cwd()}`,
    `node ${process.version} on ${process.platform} ${process.arch}`,
    inspect(error, { depth: 6 }),
  ].join('\n');
  try {
    await writeAtomic(file, `${text}\n`);
    return file;
  } catch {
    return undefined;
  }
}
