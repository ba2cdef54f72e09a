import { mkdirSync, renameSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Copied, type CopyKind, copyTree } from '../../../core/copy/copy.ts';
import { linkInCopy } from '../../../core/copy/links.ts';
import { type FileEntry, type Listing, listTree } from '../../../core/copy/listing.ts';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere } from '../../../core/files.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { counted } from '../../../core/text/counted.ts';
import { size } from '../../../core/text/size.ts';
import { ignoredAmong } from '../../../git/ignored.ts';
import type { Ports } from '../../ports.ts';
import { withStaging } from '../carry/staging.ts';
import { isCache } from './kinds.ts';
import { fitsIntoScripts, withMovedPaths } from './paths.ts';
import { type Project, projectsOf } from './projects.ts';
import { chooseSource, type Source } from './source.ts';
import { finishSetup, type Unfinished } from './unfinished.ts';

export interface DependencyRequest {
  /** Absolute paths of worktrees of the same repository; the first is preferred. */
  readonly candidates: readonly string[];
  /** Absolute path of the new worktree. */
  readonly to: string;
}

/** Packages that were copied for one lock file. */
export interface PreparedProject {
  /** Of the lock file, relative to the top of the worktree; `` for the top itself. */
  readonly folder: string;
  readonly manager: string;
  readonly lockFile: string;
  /** Absolute path of the worktree that they are from. */
  readonly from: string;
  readonly files: number;
  readonly bytes: number;
  readonly how: CopyKind;
  /** What installing would have done besides, and `wt up` does if `setup:` asks for it. */
  readonly unfinished: Unfinished;
}

export interface UnpreparedProject extends Pick<PreparedProject, 'folder' | 'manager' | 'lockFile'> {
  readonly reason: string;
}

export interface DependencyReport {
  readonly prepared: readonly PreparedProject[];
  /** Lock files whose packages some worktree has, and why they were not copied. */
  readonly unprepared: readonly UnpreparedProject[];
}

/**
 * Copies installed packages (`node_modules`, `.venv`, `vendor/bundle`, `vendor`) from a worktree whose lock file has the
 * same bytes, and whose packages are what it lists, to a new one. They appear there at once and whole, or not at all; what
 * is there already stays. Whatever speaks against a copy is part of the report, as `setup:` can always install. Throws
 * COPPICE_INTERRUPTED.
 */
export async function prepareDependencies(
  { candidates, to }: DependencyRequest,
  ports: Ports,
): Promise<DependencyReport> {
  const projects = await projectsOf(to);
  const prepared: PreparedProject[] = [];
  const unprepared: UnpreparedProject[] = [];
  for (const project of projects) {
    const { folder, lockFile } = project;
    const { manager } = project.kind;
    if (await isInstalled(to, project)) continue;
    const source = await chooseSource(project, { to, candidates, projects });
    if (!('worktree' in source)) {
      if (source.reason !== undefined) unprepared.push({ folder, manager, lockFile, reason: source.reason });
      continue;
    }
    const result = await prepare({ project, source, to }, ports);
    if (typeof result === 'string') unprepared.push({ folder, manager, lockFile, reason: result });
    else prepared.push(result);
  }
  // Of two lock files in one folder only the one that was copied matters.
  const done = new Set(prepared.map(({ folder }) => folder));
  return { prepared, unprepared: unprepared.filter(({ folder }) => !done.has(folder)) };
}

async function isInstalled(to: string, { folder, kind }: Project): Promise<boolean> {
  for (const name of kind.folders) if (await isThere(join(to, folder, name))) return true;
  return false;
}

interface Preparing {
  readonly project: Project;
  readonly source: Source;
  readonly to: string;
}

/** The reason when nothing was copied. */
async function prepare(preparing: Preparing, ports: Ports): Promise<PreparedProject | string> {
  const { project, source, to } = preparing;
  const { folder, lockFile, kind } = project;
  const name = join(folder, source.paths.at(-1) ?? '');
  const ignored = await ignoredAmong(to, [`${name}/`]);
  if (ignored.size === 0) return `the new worktree does not ignore ${name}`;
  const task = ports.screen.start(`copy ${name}`);
  try {
    const result = await interruptible(ports.interrupts, (signal) =>
      withStaging(
        to,
        (staging) => copyPackages(preparing, { staging, signal, update: (text) => task.update(text) }),
        () => task.update('waiting for another run'),
      ),
    );
    if (typeof result === 'string') {
      task.done('not copied');
      return result;
    }
    const { files, bytes, how } = result;
    task.done(
      `${counted(files, 'file')}, ${size(bytes)}${how === 'reflink' ? ', sharing their blocks' : ''}`,
    );
    const unfinished = await finishSetup(project, to, ports);
    return { folder, manager: kind.manager, lockFile, from: source.worktree, files, bytes, how, unfinished };
  } catch (error) {
    task.fail();
    if (hasCode(error, 'ENOSPC', 'EDQUOT')) return noRoom(to);
    if (error instanceof CoppiceError) throw error;
    return messageOf(error);
  }
}

async function noRoom(to: string): Promise<string> {
  const { bavail, bsize } = await statfs(to);
  return `the disk is full: ${size(bavail * bsize)} are left`;
}

interface Copying {
  readonly staging: string;
  readonly signal: AbortSignal;
  readonly update: (text: string) => void;
}

async function copyPackages(
  { project, source, to }: Preparing,
  { staging, signal, update }: Copying,
): Promise<Copied | string> {
  const { folder, lockFile, kind } = project;
  const from = join(source.worktree, folder);
  const paths = await wanted(source, { from, to: join(to, folder) });
  const listing = await listTree(from, paths, {
    signal,
    leaveOut: (path) => (isCache(path) ? '' : undefined),
  });
  if (listing.leftOut[0]) return `${listing.leftOut[0].path}: ${listing.leftOut[0].reason}`;
  const foreign = await builtForAnother(listing, from);
  if (foreign !== undefined) return `${foreign} was built for another version of Node`;
  if (listing.files.some(kind.hasPaths) && !fitsIntoScripts(to))
    return `its scripts cannot have the path ${to}`;
  const move = { from: source.worktree, to };
  const copied = await copyTree(listing, from, staging, {
    signal,
    onProgress: progressOf(listing, update),
    linkTarget: (path, target) => linkInCopy(join(folder, path), target, move),
    shares: kind.isOfStore,
    edits: (file) => (kind.hasPaths(file) ? (text) => withMovedPaths(text, move) : undefined),
  });
  if (copied.leftOut[0]) return `${copied.leftOut[0].path}: ${copied.leftOut[0].reason}`;
  const placed = paths.filter((path) => place(join(staging, path), join(to, folder, path)));
  await kind.settle?.(join(to, folder));
  const obstacle = await kind.obstacle(join(to, folder), lockFile);
  if (obstacle === undefined) return copied;
  for (const path of placed.toReversed()) renameSync(join(to, folder, path), join(staging, path));
  return `the copy was not right: ${obstacle}`;
}

/** What of the source is there, and can be placed: a member of the workspace must be there too. */
async function wanted(
  { paths }: Source,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string[]> {
  const checked = await Promise.all(
    paths.map(async (path, at) => {
      const isMain = at === paths.length - 1;
      const hasPlace = isMain || path.startsWith('.') || (await isThere(join(to, dirname(path))));
      return hasPlace && (await isThere(join(from, path))) && !(await isThere(join(to, path)));
    }),
  );
  return paths.filter((_, at) => checked[at]);
}

/** Renames what is whole; false when something else has taken its place. */
function place(staged: string, target: string): boolean {
  mkdirSync(dirname(target), { recursive: true });
  try {
    renameSync(staged, target);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOTEMPTY')) return false;
    throw error;
  }
}

/** A package that was compiled for another interface of Node: node-gyp notes for which one. */
async function builtForAnother({ files }: Listing, from: string): Promise<string | undefined> {
  const notes = files.filter(({ path }: FileEntry) => path.endsWith('/build/config.gypi'));
  for (const { path } of notes) {
    const text = await readFile(join(from, path), 'utf8').catch(() => '');
    const built = /["']node_module_version["']\s*:\s*["']?(\d+)/.exec(text)?.[1];
    if (built !== undefined && built !== process.versions.modules) return dirname(dirname(path));
  }
  return undefined;
}

function progressOf(
  { files, bytes }: Listing,
  update: (text: string) => void,
): (done: { readonly files: number; readonly bytes: number }) => void {
  let shown = performance.now();
  return (done) => {
    const now = performance.now();
    if (now - shown < 200) return;
    shown = now;
    update(`${size(done.bytes)} of ${size(bytes)}, ${done.files} of ${counted(files.length, 'file')}`);
  };
}
