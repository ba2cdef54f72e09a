import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import type { TemplateTexts } from '../../servers/postgres/templates.ts';
import type { DatabaseInputs } from './contract.ts';

/** The SQL that the server itself runs. Throws COPPICE_FILE_CHANGED when it differs from the plan. */
export async function textsOf({ folder, database }: DatabaseInputs): Promise<TemplateTexts> {
  const { from, seed } = database;
  const more = seed?.kind === 'sql' ? seed.more : undefined;
  const [mask, sql, moreSeeds] = await Promise.all([
    from?.mask && bytesOf(folder, from.mask),
    seed?.kind === 'sql' ? bytesOf(folder, seed) : undefined,
    more && Promise.all(more.map((file) => bytesOf(folder, file))),
  ]);
  return { ...defined({ mask, seed: sql, moreSeeds }) };
}

/** Path of a planned file on this machine. */
export function fileOf(folder: string, { path }: FileDigest): string {
  return isAbsolute(path) ? path : join(folder, path);
}

async function bytesOf(folder: string, digest: FileDigest): Promise<Buffer> {
  const bytes = await readFile(fileOf(folder, digest)).catch(() => undefined);
  // A template is identified by its inputs: different text under that name would be wrong for everyone who clones it.
  if (bytes && sha256(bytes) === digest.sha256) return bytes;
  throw changedFileError(digest);
}

export function changedFileError({ path }: Pick<FileDigest, 'path'>): CoppiceError {
  return new CoppiceError('COPPICE_FILE_CHANGED', `${path} was changed while this was running`, {
    hint: 'run it once more',
  });
}

/** A file that differs after a command which may have written it itself, as some tools write the schema. */
export function writtenFileError({ path }: Pick<FileDigest, 'path'>): CoppiceError {
  return new CoppiceError(
    'COPPICE_FILE_CHANGED',
    `${path} was written by the command of database.migrate, or by somebody while it ran`,
    {
      hint: `if the command writes it, take it out of \`inputs\` or list it in \`generated: [${path}]\` of database.migrate; then run it once more`,
    },
  );
}
