import { mkdir } from 'node:fs/promises';

import { dirname, join } from 'node:path';
import { specFileName } from '../../config/spec/find.ts';
import { CoppiceError } from '../../core/errors.ts';
import { isThere, writeNew } from '../../core/files.ts';
import { identify } from '../../git/identity.ts';
import { provideSchema, schemaPath } from '../schema-file.ts';
import { type Guess, guess } from './guess.ts';
import { type InitFile, projectFiles } from './project-files.ts';
import { specText } from './spec-text.ts';

/** The result for a repository. Paths are relative to its folder. */
export interface Initialized {
  readonly guessed: Guess;
  readonly written: readonly string[];
  /** Existing files, left as they are. */
  readonly kept: readonly string[];
  /** coppice.yaml now has the guessed services. */
  readonly specWritten: boolean;
}

/**
 * Writes the files that the repository in a folder (absolute path) needs. `path`: folders of this machine's programs.
 * Throws COPPICE_NO_FOLDER.
 */
export async function initialize(folder: string, path = process.env.PATH): Promise<Initialized> {
  if (!(await isThere(folder))) throw new CoppiceError('COPPICE_NO_FOLDER', `there is no folder ${folder}`);
  const identity = await identify(folder).catch(() => undefined);
  const guessed = await guess(folder, identity ? dirname(identity.repository) : folder, path);
  const files: InitFile[] = [
    { path: specFileName, text: specText(guessed, await schemaOf(folder)) },
    ...(await projectFiles(folder, guessed)),
  ];
  const written: string[] = [];
  const kept: string[] = [];
  for (const { path, text } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    ((await writeNew(file, text)) ? written : kept).push(path);
  }
  await provideSchema(join(folder, specFileName), folder);
  return { guessed, written, kept, specWritten: written.includes(specFileName) };
}

/** That of the installed package, where the repository has one. */
async function schemaOf(folder: string): Promise<string> {
  const installed = 'node_modules/coppice/schema/coppice.schema.json';
  return (await isThere(join(folder, installed))) ? `./${installed}` : schemaPath;
}
