import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../core/errors.ts';
import { unlessAbsent } from '../../../core/files.ts';
import { ignoredEntries } from '../../../git/ignored.ts';
import { readSetupRecord, setupPlatform } from '../../environments/setup-record.ts';
import { belongsTo, type Project } from './projects.ts';

/** A worktree whose packages are exactly what a project's lock file lists. */
export interface Source {
  /** Absolute path of the worktree. */
  readonly worktree: string;
  /** What is copied, relative to the project's folder, the one that makes it count as installed last. */
  readonly paths: readonly string[];
}

/** Why no worktree can be copied from; undefined where none has installed anything. */
export interface NoSource {
  readonly reason?: string;
}

/**
 * Where the packages of a project may be copied from: the first candidate if possible, else the one that installed
 * last.
 */
export async function chooseSource(
  project: Project,
  { to, candidates, projects }: { to: string; candidates: readonly string[]; projects: readonly Project[] },
): Promise<Source | NoSource> {
  let first: string | undefined;
  for (const worktree of await inOrder(project, candidates)) {
    const name = await installedFolder(worktree, project);
    if (name === undefined) continue;
    const ignored = await ignoredEntries(worktree);
    const below = (path: string) => join(project.folder, path);
    const isIgnored = ignored.some((entry) => `${below(name)}/`.startsWith(entry));
    const reason = isIgnored
      ? await obstacleTo(project, { worktree, to })
      : `git does not ignore ${below(name)}`;
    if (reason === undefined) {
      const nested = ignored.filter(
        (entry) => belongsTo(entry, project, projects) && entry !== `${below(name)}/`,
      );
      const inProject = nested.map((entry) =>
        entry.slice(project.folder === '' ? 0 : project.folder.length + 1).replace(/\/$/, ''),
      );
      return { worktree, paths: [...inProject, ...(project.kind.companions ?? []), name] };
    }
    first ??= reason;
  }
  return first === undefined ? {} : { reason: first };
}

async function inOrder(project: Project, candidates: readonly string[]): Promise<string[]> {
  const [preferred, ...others] = candidates;
  const times = new Map<string, number>();
  for (const worktree of others) {
    const name = await installedFolder(worktree, project);
    if (name !== undefined) times.set(worktree, (await stat(join(worktree, project.folder, name))).mtimeMs);
  }
  const newest = [...times].sort(([, a], [, b]) => b - a).map(([worktree]) => worktree);
  return preferred === undefined ? newest : [preferred, ...newest];
}

/** Not one that is a link to another worktree's. */
async function installedFolder(worktree: string, { folder, kind }: Project): Promise<string | undefined> {
  for (const name of kind.folders) {
    const found = await unlessAbsent(lstat(join(worktree, folder, name)), ['ENOENT', 'ENOTDIR']);
    if (found?.isDirectory()) return name;
  }
  return undefined;
}

async function obstacleTo(
  { folder, lockFile, kind }: Project,
  { worktree, to }: { readonly worktree: string; readonly to: string },
): Promise<string | undefined> {
  const differs = async (name: string) =>
    !isSame(await bytesOf(join(worktree, folder, name)), await bytesOf(join(to, folder, name)));
  if (await differs(lockFile)) return `${lockFile} is another one in ${worktree}`;
  for (const name of kind.settings) if (await differs(name)) return `${name} is another one in ${worktree}`;
  const place = join(worktree, folder);
  const record = await readSetupRecord({ identity: { worktree, uid: 0, gid: 0 }, folder: place });
  if (record !== undefined && record.platform !== setupPlatform)
    return `what is installed in ${worktree} was built for another version of Node`;
  try {
    return await kind.obstacle(place, lockFile);
  } catch (error) {
    return `what is installed in ${worktree} cannot be read: ${messageOf(error)}`;
  }
}

function bytesOf(file: string): Promise<Buffer | undefined> {
  return unlessAbsent(readFile(file), ['ENOENT', 'ENOTDIR', 'EISDIR']);
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
