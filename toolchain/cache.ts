import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../core/files.ts';
import { give, makeFolder } from '../core/user.ts';
import type { Machine } from './machine.ts';
import { fallbackVersion, type Program } from './manifest-entry.ts';

/** Where an installed program came from: `origin.json` beside it. */
export interface Origin {
  readonly source: 'release' | 'registry';
  /** In plain words, for example `downloaded from dl.k8s.io`. */
  readonly detail: string;
}
export const originFile = 'origin.json';

export interface Cached {
  readonly path: string;
  readonly version: string;
  readonly folder: string;
}

/** A program in the cache, found by one or two calls of stat: a version's folder appears only when it is complete. */
export function cached(machine: Machine, name: string, program: Program): Cached | undefined {
  for (const version of new Set([program.version, fallbackVersion(program)])) {
    const folder = join(machine.folder, name, version);
    const path = program.kind === 'folder' ? folder : join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })) return { path, version, folder };
  }
  return undefined;
}

/** A folder for one installation, on the cache's file system, so that the result can be renamed into place. */
export async function workFolder(machine: Machine, job: string): Promise<string> {
  const partial = join(machine.folder, '.partial');
  await makeFolder(partial, machine.owner);
  // The caller holds the job's lock: anything here under its name was left by a process that died.
  for (const left of await readdir(partial)) {
    if (left.startsWith(`${job}.`)) await removeTree(join(partial, left));
  }
  const folder = join(partial, `${job}.${randomBytes(4).toString('hex')}`);
  await makeFolder(folder, machine.owner);
  return folder;
}

/**
 * Go makes its module files read-only, so folders may have to be made writable first; `force` alone does not do that.
 */
export async function removeTree(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Moves a finished folder into its place in the cache, completely or not at all. */
export async function place(
  machine: Machine,
  name: string,
  program: Program,
  version: string,
  finished: string,
  origin: Origin,
): Promise<void> {
  await writeJson(join(finished, originFile), origin);
  if (program.kind === 'file') await chmod(join(finished, name), 0o755);
  await chmod(finished, 0o755);
  await chmod(join(finished, originFile), 0o644);
  await give(finished, machine.owner);
  const home = join(machine.folder, name);
  await makeFolder(home, machine.owner);
  const target = join(home, version);
  // A user deleted the program by hand but not its folder; rename does not replace that.
  await removeTree(target);
  await rename(finished, target);
}
