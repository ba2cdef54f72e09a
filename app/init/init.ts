import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { specFileName } from '../../config/spec/find.ts';
import { CoppiceError } from '../../core/errors.ts';
import { identify } from '../../git/identity.ts';
import { type Guess, guess } from './guess.ts';
import { type InitFile, projectFiles } from './project-files.ts';
import { specText } from './spec-text.ts';

/** What a repository got. Paths are relative to its folder. */
export interface Initialized {
  readonly guessed: Guess;
  readonly written: readonly string[];
  /** What was there already, and stays as it is. */
  readonly kept: readonly string[];
}

/** Writes what the repository of a folder (absolute path) needs. Throws COPPICE_NO_FOLDER. */
export async function initialize(folder: string): Promise<Initialized> {
  if (!(await exists(folder))) throw new CoppiceError('COPPICE_NO_FOLDER', `there is no folder ${folder}`);
  const identity = await identify(folder).catch(() => undefined);
  const guessed = await guess(folder, identity ? dirname(identity.repository) : folder);
  const files: InitFile[] = [
    { path: specFileName, text: specText(guessed) },
    ...(await projectFiles(folder, guessed)),
  ];
  const written: string[] = [];
  const kept: string[] = [];
  for (const { path, text } of files)
    ((await writeNew(join(folder, path), text)) ? written : kept).push(path);
  return { guessed, written, kept };
}

/** False when the file is there already. */
async function writeNew(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
