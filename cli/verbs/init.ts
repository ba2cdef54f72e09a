import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type Guess, guess } from '../../app/init/guess.ts';
import { type InitFile, projectFiles } from '../../app/init/project-files.ts';
import { specText } from '../../app/init/spec-text.ts';
import type { Command } from '../../app/ports.ts';
import { specFileName } from '../../config/spec/load.ts';
import { CoppiceError } from '../../core/errors.ts';
import { identify } from '../../git/identity.ts';

export interface InitArgs {
  readonly folder: string | undefined;
}

/** Writes what a repository needs; a file that is there stays as it is. */
export const init: Command<InitArgs> = async ({ folder }, ports) => {
  const into = resolve(ports.cwd, folder ?? '.');
  if (!(await exists(into))) throw new CoppiceError('COPPICE_NO_FOLDER', `there is no folder ${into}`);
  const identity = await identify(into).catch(() => undefined);
  const found = await guess(into, identity ? dirname(identity.repository) : into);
  const files: InitFile[] = [
    { path: specFileName, text: specText(found) },
    ...(await projectFiles(into, found)),
  ];
  const written: string[] = [];
  const kept: string[] = [];
  for (const { path, text } of files) ((await writeNew(join(into, path), text)) ? written : kept).push(path);
  return {
    text: report(written, kept, found, relative(ports.cwd, into)),
    json: { folder: into, app: found.app, services: found.services, written, kept },
  };
};

function report(written: readonly string[], kept: readonly string[], found: Guess, folder: string): string {
  const lines = [
    ...written.map((file) => `wrote ${join(folder, file)}`),
    ...kept.map((file) => `kept ${join(folder, file)}, which was there already`),
  ];
  if (written.includes(specFileName)) {
    const names = found.services.map(({ name, why }) => `${name} (${why})`).join(', ');
    lines.push(
      names === '' ? 'no service could be guessed: coppice.yaml has an example' : `guessed ${names}`,
    );
  }
  lines.push('  try: read coppice.yaml, then wt up');
  return lines.join('\n');
}

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
  return access(path).then(
    () => true,
    () => false,
  );
}
