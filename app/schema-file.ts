import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeAtomic } from '../core/files.ts';
import { packageRoot } from '../core/package-root.ts';

/**
 * Where an editor finds the schema of coppice.yaml in a repository that does not install this package: a path that is
 * the same on every machine. Its folder ignores itself, as those of Python's venv and pytest do, so nothing is committed
 * that gets old; `wt init` and `wt up` write it.
 */
export const schemaPath = './.coppice/coppice.schema.json';

/** Writes the schema if the spec refers to that path and it is not there, or is of another version. */
export async function provideSchema(specFile: string, folder: string): Promise<void> {
  if (!((await readIfPresent(specFile)) ?? '').includes(`$schema=${schemaPath}`)) return;
  const schema = await readFile(join(packageRoot(), 'schema', 'coppice.schema.json'), 'utf8');
  const file = join(folder, schemaPath);
  if ((await readIfPresent(file)) === schema) return;
  await writeAtomic(join(folder, '.coppice', '.gitignore'), '*\n', 0o644);
  await writeAtomic(file, schema, 0o644);
}
