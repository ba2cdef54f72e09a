import { join, relative } from 'node:path';
import { readDatabaseFiles } from '../../config/files/database.ts';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import { findSpec, loadSpec } from '../../config/spec/load.ts';

/**
 * The migrations that a worktree has. Undefined when the folder or its spec cannot be read, or is about another app:
 * what a database has applied is known all the same.
 */
export async function worktreeMigrations(
  app: string,
  folder: string,
): Promise<readonly FileDigest[] | undefined> {
  try {
    const loaded = await loadSpec(await findSpec(folder));
    if (loaded.spec.name !== app || loaded.spec.database?.engine !== 'postgres') return undefined;
    return (await readDatabaseFiles(loaded))?.migrations;
  } catch {
    return undefined;
  }
}

/** The same place in another worktree: a repository may have a spec in each of its folders. */
export function samePlace(
  here: { readonly worktree: string; readonly folder: string },
  worktree: string,
): string {
  return join(worktree, relative(here.worktree, here.folder));
}
