import { basename, dirname, join } from 'node:path';
import { isThere, namesIn } from '../../../core/files.ts';
import { trackedNamed } from '../../../git/files.ts';
import { type DependencyKind, dependencyKinds } from './kinds.ts';

/** A folder with a lock file, and what installs its packages. */
export interface Project {
  /** Relative to the top of the worktree; `` for the top itself. */
  readonly folder: string;
  readonly lockFile: string;
  readonly kind: DependencyKind;
}

const lockFiles = [...new Set(dependencyKinds.flatMap((kind) => kind.lockFiles))];

/** Those of a worktree: one git process. A lock file at the top counts even when git does not track it. */
export async function projectsOf(worktree: string): Promise<Project[]> {
  const [tracked, top] = await Promise.all([trackedNamed(worktree, lockFiles), namesIn(worktree)]);
  const files = new Set([...tracked, ...top.filter((name) => lockFiles.includes(name))]);
  const folders = [...new Set([...files].map((file) => dirname(file)))].sort();
  const found = folders.flatMap((folder) =>
    dependencyKinds.flatMap((kind) => {
      const lockFile = kind.lockFiles.find((name) => files.has(join(folder, name)));
      return lockFile === undefined ? [] : [{ folder: folder === '.' ? '' : folder, lockFile, kind }];
    }),
  );
  // A sparse checkout leaves out some of what git tracks.
  const there = await Promise.all(
    found.map(({ folder, lockFile }) => isThere(join(worktree, folder, lockFile))),
  );
  return found.filter((_, at) => there[at]);
}

/** Whether a folder of packages (`apps/web/node_modules/`) is that of a project or of a member of its workspace. */
export function belongsTo(
  entry: string,
  { folder, kind }: Pick<Project, 'folder' | 'kind'>,
  projects: readonly Pick<Project, 'folder' | 'kind'>[],
): boolean {
  const [path, owner] = [entry.replace(/\/$/, ''), folder === '' ? '' : `${folder}/`];
  if (!kind.nested || !kind.folders.includes(basename(path)) || !path.startsWith(owner)) return false;
  const nearer = projects.filter(
    (other) =>
      other.kind.nested && other.folder.length > folder.length && path.startsWith(`${other.folder}/`),
  );
  return nearer.length === 0;
}
