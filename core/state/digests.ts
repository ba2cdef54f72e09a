import { join } from 'node:path';
import { readIfPresent, writeAtomic } from '../files.ts';
import { sha256 } from '../hash.ts';
import { paths } from '../paths.ts';

/** Digests of big files, one small file each: many processes may write at once, and any file may be deleted. */
export const digests = {
  read: (key: string): Promise<string | undefined> => readDigest(fileOf(key)),
  write: (key: string, sha256: string): Promise<void> => writeAtomic(fileOf(key), sha256),
};

/** A damaged one is computed again. */
async function readDigest(file: string): Promise<string | undefined> {
  const text = await readIfPresent(file).catch(() => undefined);
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

function fileOf(key: string): string {
  return join(paths().cache, 'digests', sha256(key));
}
