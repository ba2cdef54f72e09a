import { dirname, join, posix, relative } from 'node:path';
import type { FileDigest } from '../plan/environment-plan.ts';
import type { LoadedSpec } from '../spec/load.ts';
import { lockFiles, wordsOf } from './command.ts';
import type { WatchedFiles } from './database.ts';
import { manifests } from './install.ts';
import { digestOf, FileReading } from './reading.ts';

/** Where `setup:` runs. */
export interface SetupPlace {
  /** Absolute path of the folder of coppice.yaml. */
  readonly folder: string;
  /** Absolute path of the worktree's top folder: the lock file of a monorepo lies there. */
  readonly worktree: string;
}

/** Content of the files that decide what `setup:` commands do: those that they name, and the lock files. */
export async function readSetupFiles(
  commands: readonly string[],
  { folder, worktree }: SetupPlace,
): Promise<FileDigest[]> {
  const reading = new FileReading(folder, undefined);
  const named = await reading.present(commands.flatMap(wordsOf));
  const above = foldersUpTo(worktree, folder);
  const inAll = (names: readonly string[]) =>
    above.flatMap((up) => names.map((name) => posix.join(up, name)));
  const locks = await reading.present(inAll(lockFiles));
  const deciding = locks.length > 0 ? locks : await reading.present(inAll(manifests));
  const paths = [...new Set([...named, ...deciding])].sort();
  return Promise.all(paths.map(async (path) => ({ path, sha256: await digestOf(join(folder, path)) })));
}

/** The same files, for callers that only check whether something changed. */
export function watchedSetupFiles(
  { spec, folder }: Pick<LoadedSpec, 'spec' | 'folder'>,
  worktree: string,
): WatchedFiles {
  if (spec.setup.length === 0) return { patterns: [], files: [] };
  const names = foldersUpTo(worktree, folder).flatMap((up) =>
    [...lockFiles, ...manifests].map((name) => posix.join(up, name)),
  );
  return { patterns: [], files: [...spec.setup.flatMap(wordsOf), ...names] };
}

/** The folder itself and those above it up to the top, as relative paths: `.`, `..`, `../..`. */
function foldersUpTo(top: string, folder: string): string[] {
  const folders = ['.'];
  let at = folder;
  while (at !== top && at.startsWith(`${top}/`)) {
    at = dirname(at);
    folders.push(relative(folder, at));
  }
  return folders;
}
