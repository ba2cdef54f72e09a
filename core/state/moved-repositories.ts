import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isOneFolder, writeJson } from '../files.ts';
import { paths } from '../paths.ts';
import { readState, readStateNow, type StateFile } from './state-file.ts';

/**
 * Marks and records name a repository by the path of git's common directory. These are the repositories whose folder was
 * moved, so that what the old path owns stays theirs.
 */
interface MovedRepositories {
  /** By the old path: the path that took over. */
  readonly moved: Readonly<Record<string, string>>;
  /** By path: `folderMark` of the common directory at its last `up`. */
  readonly marks: Readonly<Record<string, string>>;
}

const nothing: MovedRepositories = { moved: {}, marks: {} };

const kind: StateFile = {
  what: 'the list of repositories that were moved',
  fields: { moved: 'object', marks: 'object' },
  afterwards: 'what repositories owned before they were moved is no longer known to be theirs',
};

function file(): string {
  return join(paths().data, 'repositories.json');
}

/** Whether two paths are one repository: they lead to one folder, or one was moved to the other. */
export function isSameRepository(one: string, other: string): boolean {
  return one === other || isOneFolder(present(one), present(other));
}

/** The oldest path of a repository, for what is found by a hash of its path. */
export function repositoryKey(repository: string): string {
  const { moved } = readMoved();
  const seen = new Set([repository]);
  let key = repository;
  for (;;) {
    const before = Object.keys(moved).find((from) => moved[from] === key && isGone(from) && !seen.has(from));
    if (before === undefined) return key;
    seen.add(before);
    key = before;
  }
}

/** Records that everything of a path that is gone belongs to another one. */
export async function recordMove(from: string, to: string): Promise<void> {
  const { moved, marks } = (await readState<MovedRepositories>(file(), kind)) ?? nothing;
  await writeJson(file(), { moved: { ...moved, [from]: to }, marks } satisfies MovedRepositories);
}

/** The repositories that brought an environment up, at their present path. */
export async function markedRepositories(): Promise<string[]> {
  const { moved, marks } = (await readState<MovedRepositories>(file(), kind)) ?? nothing;
  return Object.keys(marks).filter((repository) => moved[repository] === undefined);
}

/** Remembers which folder has a repository's path; a move does not change that folder. */
export async function recordMark(repository: string, mark: string): Promise<void> {
  const { moved, marks } = (await readState<MovedRepositories>(file(), kind)) ?? nothing;
  if (marks[repository] === mark) return;
  await writeJson(file(), { moved, marks: { ...marks, [repository]: mark } } satisfies MovedRepositories);
}

/** As {@link recordMark} recorded it. */
export async function markOf(repository: string): Promise<string | undefined> {
  return (await readState<MovedRepositories>(file(), kind))?.marks[repository];
}

/** Where a repository is now. A path that exists again is that of another one. */
function present(repository: string): string {
  const { moved } = readMoved();
  const seen = new Set<string>();
  let path = repository;
  for (let to = moved[path]; to !== undefined && isGone(path) && !seen.has(path); to = moved[path]) {
    seen.add(path);
    path = to;
  }
  return path;
}

function isGone(path: string): boolean {
  return !existsSync(path);
}

/** Throws COPPICE_DAMAGED when it is not what was written. */
export async function requireWholeMoves(): Promise<void> {
  await readState<MovedRepositories>(file(), kind);
}

/** Read each time, in `wt` and in the provider's process: only paths that differ ask for it. */
function readMoved(): MovedRepositories {
  return readStateNow<MovedRepositories>(file(), kind) ?? nothing;
}
