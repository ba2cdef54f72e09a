import { lstat, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoppiceError, hasCode } from '../core/errors.ts';
import { folderMark, isSameFolder, isThere } from '../core/files.ts';
import type { Identity } from '../core/identity.ts';
import { environmentName } from '../core/names.ts';
import { isSameRepository, markOf, recordMove } from '../core/state/moved-repositories.ts';
import { type Origin, readOrigin } from '../core/state/origin.ts';
import { hasCommit, isShallow } from './commits.ts';
import { remotesOf } from './remotes.ts';

/** An environment by app and slug. */
export interface EnvironmentOwned {
  readonly app: string;
  readonly slug: string;
}

/** Who owns an environment, as far as a move of its repository can be seen from it. */
export interface FormerOwner {
  readonly repository: string;
  /** HEAD at its last `up`. */
  readonly commit?: string;
}

/** What is known of the owner's repository; the remotes are not, for an environment of an earlier version. */
type Known = Partial<Origin>;

/**
 * Takes over what a repository owned before its folder was moved or renamed: the recorded path is gone, and this is the
 * same folder, or a clone with its commits and one of its remotes. Returns whether the owner is this repository by
 * another path. Throws COPPICE_CLAIMED when the path is gone, or is that of another folder now, and this repository is
 * not the one that had it.
 */
export async function takeOverMoved(
  name: EnvironmentOwned,
  owner: FormerOwner,
  identity: Identity,
): Promise<boolean> {
  if (owner.repository === '') return false;
  const known = await knownOf(name, owner);
  if (isSameRepository(owner.repository, identity.repository)) {
    if (!(await isReplaced(known, identity))) return owner.repository !== identity.repository;
    const difference = await differenceAtPath(known, owner, identity);
    if (difference !== undefined) throw anotherError(name, owner, difference);
    return owner.repository !== identity.repository;
  }
  if (!(await isGone(owner.repository))) return false;
  const mark = await folderMark(identity.repository);
  const sameFolder = known.mark !== undefined && mark !== undefined && isSameFolder(known.mark, mark);
  if (!sameFolder) {
    if (!(await isMounted(owner.repository, known.mark))) return false;
    const difference = await differenceOf(known, owner, identity);
    if (difference !== undefined) throw anotherError(name, owner, difference);
  }
  await recordMove(owner.repository, identity.repository);
  return true;
}

async function knownOf(name: EnvironmentOwned, { repository }: FormerOwner): Promise<Known> {
  const origin = await readOrigin(name);
  if (origin !== undefined && isSameRepository(origin.repository, repository)) return origin;
  const mark = await markOf(repository);
  return mark === undefined ? {} : { mark };
}

/** Whether the folder at the repository's path is another one than at the last `up`: removed and cloned again, say. */
async function isReplaced({ mark, remotes }: Known, { repository }: Identity): Promise<boolean> {
  const now = await folderMark(repository);
  return mark !== undefined && remotes !== undefined && now !== undefined && !isSameFolder(mark, now);
}

/** Another error than that it is not there (no permission, a broken mount) says nothing. */
async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => hasCode(error, 'ENOENT', 'ENOTDIR'),
  );
}

/**
 * Whether the file system that had the path is there, so that the path is gone from it. The nearest folder that exists
 * must be on the recorded device; without a record it must contain something, as an empty one may be where a disk is
 * mounted at other times.
 */
async function isMounted(path: string, mark: string | undefined): Promise<boolean> {
  const above = await nearestFolder(dirname(path));
  const deviceOf = (text: string | undefined) => text?.split(':')[0];
  if (mark !== undefined) return deviceOf(await folderMark(above)) === deviceOf(mark);
  return (await readdir(above).catch(() => [])).length > 0;
}

async function nearestFolder(path: string): Promise<string> {
  return path === dirname(path) || (await isThere(path)) ? path : nearestFolder(dirname(path));
}

/** Why a repository is not the one that owned something, and what a person can do about it. */
interface Difference {
  readonly why: string;
  readonly next?: string;
}

/** At one path a missing history is no sign of another repository where a remote says that it is the same one. */
async function differenceAtPath(
  known: Known,
  owner: FormerOwner,
  identity: Identity,
): Promise<Difference | undefined> {
  const nothingKnown = known.firstCommit === undefined && !isCommit(owner.commit);
  if (nothingKnown && known.remotes?.length === 0) return undefined;
  const difference = await differenceOf(known, owner, identity);
  return difference?.next === unshallow && known.remotes?.length !== 0 ? undefined : difference;
}

const unshallow = '`git fetch --unshallow` here, then the same command again';

/** The first commit of a template is that of many projects, and a fork has all commits: remotes tell them apart. */
async function differenceOf(
  { remotes, firstCommit }: Known,
  { repository, commit }: FormerOwner,
  identity: Identity,
): Promise<Difference | undefined> {
  const now = await remotesOf(identity.worktree);
  const shared = remotes?.some((remote) => now.includes(remote)) === true;
  const ofClone = now.some((remote) => repository === remote || repository === `${remote}/.git`);
  if (remotes !== undefined && !shared && !ofClone && remotes.length + now.length > 0)
    return { why: `its remote was ${listOf(remotes)}, and here it is ${listOf(now)}` };
  const commits = [commit, shared || ofClone ? firstCommit : undefined].filter(isCommit);
  for (const one of commits) if (await hasCommit(identity.repository, one)) return undefined;
  const missing = commits.map((one) => one.slice(0, 8)).join(' or ');
  if (missing === '') return { why: 'it had no commit that could tell' };
  if (await isShallow(identity.worktree))
    return { why: `this clone is shallow, and lacks its commit ${missing}`, next: unshallow };
  return { why: `its commit ${missing} is not here` };
}

function isCommit(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40,64}$/.test(text);
}

function listOf(remotes: readonly string[]): string {
  return remotes.length === 0 ? 'none' : remotes.join(' and ');
}

function anotherError(
  { app, slug }: EnvironmentOwned,
  { repository }: FormerOwner,
  { why, next }: Difference,
): CoppiceError {
  const name = environmentName(app, slug);
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `${name} is the environment of a repository that was at ${repository}, and this may be another one: ${why}`,
    {
      hint:
        next ??
        `\`wt up --as NAME\` creates one for this worktree, and \`wt db fork --from ${name} --as NAME\` copies its rows; \`wt down ${name}\` removes that one`,
    },
  );
}
