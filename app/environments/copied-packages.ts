import { join, relative } from 'node:path';
import type { PackageManagerName } from '../../config/packages/install-command.ts';
import { readCache } from '../../core/state/state-file.ts';
import { gitFolderOf, writeWorktreeFile } from '../../git/worktree-file.ts';
import type { SetupFolder } from './setup-record.ts';

/** What installing would have done in a project besides its packages, which were copied from another worktree. */
export interface CopiedPackages {
  readonly manager: PackageManagerName;
  /** Scripts of its package.json that installing runs. */
  readonly scripts: readonly string[];
  /** Members of a workspace may have such scripts too: only the manager itself knows. */
  readonly workspace: boolean;
}

interface CopiedFile {
  readonly version: 1;
  /** By the path of the project below the top of the worktree; `` for the top itself. */
  readonly folders: Readonly<Record<string, CopiedPackages>>;
}

/** A damaged file counts as none: then only scripts are left out. */
const copiedFields = { version: 'number', folders: 'object' } as const;

async function copiedFile(worktree: string): Promise<string | undefined> {
  const folder = await gitFolderOf(worktree);
  return folder && join(folder, 'coppice', 'copied-packages.json');
}

/** Undefined when none were copied there, or `setup:` has run since. */
export async function readCopied({ identity, folder }: SetupFolder): Promise<CopiedPackages | undefined> {
  const file = await copiedFile(identity.worktree);
  const all = file && (await readCache<CopiedFile>(file, copiedFields));
  return all ? all.folders[relative(identity.worktree, folder)] : undefined;
}

export async function writeCopied(
  { identity, folder }: SetupFolder,
  copied: CopiedPackages | undefined,
): Promise<void> {
  const file = await copiedFile(identity.worktree);
  if (file === undefined) return;
  const before = (await readCache<CopiedFile>(file, copiedFields))?.folders ?? {};
  const key = relative(identity.worktree, folder);
  if (copied === undefined && !(key in before)) return;
  const { [key]: _, ...others } = before;
  const folders = copied ? { ...others, [key]: copied } : others;
  await writeWorktreeFile(
    file,
    `${JSON.stringify({ version: 1, folders } satisfies CopiedFile, null, 2)}\n`,
    identity,
  );
}

/**
 * What runs in the place of a command that installs packages which were copied: all of it, only the project's own
 * scripts, or nothing.
 */
export function afterCopying(command: string, copied: CopiedPackages | undefined): string | undefined {
  if (copied === undefined) return undefined;
  if (copied.scripts.length === 0 && !copied.workspace) return undefined;
  // Only npm deletes all packages first; the others find them in place.
  if (copied.manager !== 'npm') return command;
  return copied.scripts.map((script) => `npm run ${script}`).join(' && ') || undefined;
}
