import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { PackageManagerName } from '../../config/packages/install-command.ts';
import { type InstalledState, installedPackages } from '../../config/packages/installed.ts';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import { folderMark, isSameFolder, isThere, unlessAbsent } from '../../core/files.ts';
import { sha256 } from '../../core/hash.ts';
import type { Identity } from '../../core/identity.ts';
import { paths } from '../../core/paths.ts';
import { readCache } from '../../core/state/state-file.ts';
import { gitFolderOf, writeWorktreeFile } from '../../git/worktree-file.ts';

/** A folder in which `setup:` runs, whichever environments have it. */
export interface SetupFolder {
  readonly identity: Pick<Identity, 'worktree' | 'uid' | 'gid'>;
  /** Absolute path of the folder of coppice.yaml. */
  readonly folder: string;
}

/** What `setup:` was run for, and what is there since. */
export interface SetupRecord {
  /** Digest of the repository and the commands. */
  readonly text: string;
  readonly inputs: readonly FileDigest[];
  /** Platform, processor and interface version of node, for which native packages were built. */
  readonly platform: string;
  /** Absolute path of the folder, and its mark: neither a copy nor a new folder at the old path has been set up. */
  readonly folder: string;
  readonly mark: string;
  /** Entries of the folder that setup made, by name. */
  readonly made: readonly string[];
  /** Packages that matched their lock file afterwards. */
  readonly right: readonly PackageManagerName[];
}

interface SetupRecords {
  readonly version: 1;
  /** By the path of the folder below the top of the worktree; `` for the top itself. */
  readonly folders: Readonly<Record<string, SetupRecord>>;
}

/** Setup may always run again, so a damaged record counts as none. */
const recordsFields = { version: 'number', folders: 'object' } as const;

export const setupPlatform = `${process.platform}-${process.arch}-${process.versions.modules}`;

/** The file with the records of one worktree; git deletes it together with the worktree. */
export async function setupRecordFile(worktree: string): Promise<string> {
  const folder = await gitFolderOf(worktree);
  return folder === undefined
    ? join(paths().data, 'setup', `${sha256(worktree, 16)}.json`)
    : join(folder, 'coppice', 'setup.json');
}

export async function readSetupRecord({ identity, folder }: SetupFolder): Promise<SetupRecord | undefined> {
  const { worktree } = identity;
  const records = await readCache<SetupRecords>(await setupRecordFile(worktree), recordsFields);
  return records?.version === 1 ? records.folders[relative(worktree, folder)] : undefined;
}

/** Without a record, the next `up` runs setup again. */
export async function writeSetupRecord(
  { identity, folder }: SetupFolder,
  record: SetupRecord | undefined,
): Promise<void> {
  const file = await setupRecordFile(identity.worktree);
  const before = await readCache<SetupRecords>(file, recordsFields);
  const { [relative(identity.worktree, folder)]: _, ...others } = before?.folders ?? {};
  const folders = record ? { ...others, [relative(identity.worktree, folder)]: record } : others;
  const text = `${JSON.stringify({ version: 1, folders } satisfies SetupRecords, null, 2)}\n`;
  await writeWorktreeFile(file, text, identity);
}

/** Why what a record describes is no longer there; undefined when all of it is. */
export async function whyNotThere({ folder, mark, made, right }: SetupRecord): Promise<string | undefined> {
  const now = await folderMark(folder);
  if (now === undefined || !isSameFolder(mark, now)) return 'the folder is another one';
  const gone = await Promise.all(
    made.map(async (name) => ((await isThere(join(folder, name))) ? [] : [name])),
  );
  if (gone.flat().length > 0) return `${gone.flat().join(', ')} is gone`;
  for (const manager of right) {
    const { state, lockFile } = await installedPackages(manager, folder);
    if (state === ('wrong' satisfies InstalledState)) return `node_modules is not what ${lockFile} lists`;
  }
  return undefined;
}

/**
 * Whether an environment may be called up without running `setup:` again, as far as that takes a few looks at files:
 * what it made is still there. Folders without a record count: they have no `setup:`, or were never set up by `wt up`.
 */
export async function setupProblem(place: SetupFolder): Promise<string | undefined> {
  const record = await readSetupRecord(place);
  if (record === undefined || record.folder !== place.folder) return undefined;
  const problem = await whyNotThere(record);
  return problem && `setup has to run again: ${problem}`;
}

/** Entries of a folder with the inode of each, for `madeSince`. */
export async function entriesOf(folder: string): Promise<ReadonlyMap<string, number>> {
  const names = (await readdir(folder)).filter((name) => name !== '.git');
  const found = await Promise.all(
    names.map(async (name) => [name, (await unlessAbsent(lstat(join(folder, name))))?.ino ?? 0] as const),
  );
  return new Map(found);
}

/** Where package managers of any language install below the folder: part of what setup made, if they are there. */
const usual: readonly string[] = ['node_modules', '.venv', 'venv', 'vendor', '.pnp.cjs'];

/** What is new or another than before, without logs, and the usual folders. */
export async function madeSince(before: ReadonlyMap<string, number>, folder: string): Promise<string[]> {
  const now = await entriesOf(folder);
  return [...now]
    .filter(
      ([name, inode]) => usual.includes(name) || (before.get(name) !== inode && !/\.(log|tmp)$/.test(name)),
    )
    .map(([name]) => name)
    .sort();
}

/** A record of version 0.1.0: one for an environment, without the files that decided. */
interface EarlierRecord {
  readonly text: string;
  readonly worktree: string;
}

/** The file of 0.1.0 for an environment. */
function earlierFile(app: string, slug: string): string {
  return join(paths().environments, app, `${slug}.setup.json`);
}

/** Whether a record of 0.1.0 says that this text ran in this worktree, and the folder is no younger than it. */
export async function ranBefore(
  { app, slug }: { readonly app: string; readonly slug: string },
  text: string,
  worktree: string,
): Promise<boolean> {
  const file = earlierFile(app, slug);
  const record = await readCache<EarlierRecord>(file, { text: 'string', worktree: 'string' });
  if (record?.text !== text || record.worktree !== worktree) return false;
  const born = (await unlessAbsent(stat(worktree)))?.birthtimeMs ?? 0;
  return born <= (await stat(file)).mtimeMs;
}

export function forgetEarlierRecord(app: string, slug: string): Promise<void> {
  return rm(earlierFile(app, slug), { force: true });
}
