import { chmod, lstat, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { withLock } from '../../../core/lock.ts';
import { environmentName, slugOf } from '../../../core/names.ts';
import { quote } from '../../../core/shell.ts';
import { addBranchConfig, removeBranchConfig } from '../../../git/branch-config.ts';
import { gitError, gitWith } from '../../../git/command.ts';
import { createReference, deleteReferences, shaOf } from '../../../git/references.ts';
import { isCheckedOut, namedGitFolder } from '../../../git/registration.ts';
import type { Ports } from '../../ports.ts';
import { withTask } from '../../screen.ts';
import { markFile } from '../create/mark.ts';
import { gitFilePlace, isPresent } from '../delete/move-aside.ts';
import { cancelRemoval } from '../delete/remove-environments.ts';
import { type Repository, repositoryAt } from '../repository.ts';
import { KEPT_MS, readAges } from '../trash/age.ts';
import { whileNobodyDeletes, whileNothingMoves } from '../trash/locks.ts';
import {
  type DamagedEntry,
  type DeletedEnvironment,
  type DeletedWorktree,
  damagedEntries,
  keptGitFolder,
  keptRefs,
  type Return,
  readRecords,
  writeRecord,
} from '../trash/record.ts';
import { forgetEntry, sweepTrash } from '../trash/sweep.ts';
import { movedSubmodules } from './submodules.ts';

export interface UndoOptions {
  /** Branch, slug, earlier path or id; undefined for the only one. */
  readonly name: string | undefined;
  /** Another name for the branch. */
  readonly branch: string | undefined;
  /** Another place for the worktree, absolute. */
  readonly path: string | undefined;
}

/** What became of an environment's database. */
export interface ReturnedDatabase {
  readonly app: string;
  readonly slug: string;
  /** `back`: the next `up` uses it; `never_removed`: the cluster was down since; `later`: see `why`. */
  readonly state: 'back' | 'never_removed' | 'later';
  readonly why?: string;
}

export interface Undone {
  readonly record: DeletedWorktree;
  /** Absolute path of the worktree; absent for a branch alone. */
  readonly path?: string;
  readonly branch?: string;
  readonly databases: readonly ReturnedDatabase[];
}

/** A deleted worktree, and how many milliseconds it can be brought back at least. */
export interface Kept extends DeletedWorktree {
  readonly left: number;
}

/** What can be brought back in the repository of a folder, the latest first. */
export async function listDeleted(cwd: string): Promise<Kept[]> {
  const { common } = await repositoryAt(cwd);
  const records = await readRecords(common);
  const ages = await readAges(common, records);
  return records
    .map((record) => ({ ...record, left: KEPT_MS - (ages.get(record.id) ?? 0) }))
    .filter(({ done, left }) => !done || left >= 0);
}

/** What lies in the trash of that repository, and cannot be brought back by itself. */
export async function listDamaged(cwd: string): Promise<DamagedEntry[]> {
  return damagedEntries((await repositoryAt(cwd)).common);
}

/**
 * Brings a deleted worktree back: folder, index, branch and its configuration, database. Throws COPPICE_UNDO when its
 * branch or its place was taken since, COPPICE_AMBIGUOUS when several could be meant.
 */
export async function undoDeletion(options: UndoOptions, ports: Ports): Promise<Undone> {
  const repository = await repositoryAt(ports.cwd);
  const { common } = repository;
  const { record, branch, path } = await alone(options, repository, ports, async (id) => {
    const kept = (await listDeleted(ports.cwd)).find((one) => one.id === id);
    if (kept === undefined) throw nothingError(options.name);
    const { left: _, ...found } = kept;
    const way = (await hasMoved(found, common)) ? found.undo : undefined;
    return putBack(found, way ?? (await returnOf(found, options, repository)), common, ports);
  });
  const databases: ReturnedDatabase[] = [];
  for (const environment of record.environments) {
    databases.push(await restoreDatabase(environment, path === '' ? ports.cwd : path, ports));
  }
  await forgetEntry(record, common);
  await sweepTrash(common);
  return { record, databases, ...defined({ branch, path: path === '' ? undefined : path }) };
}

/**
 * Runs `work` with the id of the one that is meant while nothing else makes a worktree of its branch, or deletes one
 * here.
 */
async function alone<T>(
  { name, branch }: UndoOptions,
  { common }: Repository,
  { cwd, screen }: Ports,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const records = await listDeleted(cwd);
  if (!records.some((one) => name === undefined || isNamed(one, name, cwd))) await requireWhole(name, cwd);
  const { id, name: itself, branch: own = itself } = chosen(records, name, cwd);
  const making = () => screen.note(`waiting for the \`wt\` that makes a worktree of ${branch ?? own}`);
  const deleting = () => screen.note('a deletion in this repository runs: waiting for it');
  const unmoved = () => whileNothingMoves(common, () => work(id), deleting);
  const unmade = () => withLock(markFile(common, branch ?? own), unmoved, making);
  // Its deletion still removes the environment and the branch when the files are in the trash already.
  return whileNobodyDeletes({ common, name: itself }, unmade, deleting);
}

/** An undo that was killed had come so far that it can only be continued. */
async function hasMoved({ undo, tree, id }: DeletedWorktree, common: string): Promise<boolean> {
  return undo !== undefined && (tree === undefined || !(await isThere(keptGitFolder(common, id))));
}

async function putBack(
  record: DeletedWorktree,
  way: Return,
  common: string,
  ports: Ports,
): Promise<Return & { readonly record: DeletedWorktree }> {
  await writeRecord(common, { ...record, undo: way });
  const made = await restoreBranch(record, way, common);
  try {
    await restoreWorktree(record, way, common, ports);
  } catch (error) {
    await takeBack(record, way, common, made);
    throw error;
  }
  return { record, ...way };
}

/** As if nothing had been tried: with another place or name it may go. */
async function takeBack(
  { undo: _, ...record }: DeletedWorktree,
  { branch, registration, path }: Return,
  common: string,
  madeBranch: boolean,
): Promise<void> {
  const { id, tree, tip } = record;
  const isAside = tree !== undefined && (await isPresent(tree));
  if (!isAside && (await isPresent(path))) return;
  const kept = keptGitFolder(common, id);
  if (tree !== undefined && !(await isThere(kept))) {
    await rename(join(common, 'worktrees', registration), kept);
    await rm(join(tree, '.git'), { force: true });
  }
  if (madeBranch && branch !== undefined && tip !== undefined) {
    await deleteReferences(common, [{ ref: `refs/heads/${branch}`, sha: tip }]);
    await removeBranchConfig(common, branch);
  }
  await writeRecord(common, record);
}

/** Throws COPPICE_DAMAGED where the one that is meant lies there with a record that cannot be read. */
async function requireWhole(name: string | undefined, cwd: string): Promise<void> {
  const entries = await listDamaged(cwd);
  const found = entries.find(({ id }) => name === undefined || id === name || isIdOf(id, name));
  if (found === undefined) return;
  const { id, folder, problem } = found;
  throw new CoppiceError('COPPICE_DAMAGED', `${id} cannot be brought back by itself: ${problem}`, {
    hint: `its files are in ${join(folder, 'tree')}: move them where you want them; its commits: git log ${keptRefs(id)}/tip`,
  });
}

function isIdOf(id: string, name: string): boolean {
  return id.replace(/-[0-9a-f]{8}$/, '') === slugOf(name);
}

function chosen(records: readonly DeletedWorktree[], name: string | undefined, cwd: string): DeletedWorktree {
  const exact = records.filter((one) => one.name === name || one.id === name);
  // The branch of exactly that name before another whose slug it is.
  const found =
    exact.length > 0 ? exact : records.filter((one) => name === undefined || isNamed(one, name, cwd));
  const [first, second] = found;
  if (first === undefined) throw nothingError(name);
  // Of a branch that was deleted several times the latest is meant.
  if (name !== undefined || second === undefined) return first;
  throw new CoppiceError(
    'COPPICE_AMBIGUOUS',
    `several worktrees were deleted: ${records.map((one) => one.name).join(', ')}`,
    {
      hint: `name one: wt undo ${quote(first.name, 'posix')}; \`wt undo --list\` shows when each was deleted`,
    },
  );
}

function isNamed({ name, id, path }: DeletedWorktree, text: string, cwd: string): boolean {
  return [name, id, path, slugOf(name)].includes(text) || join(cwd, text) === path;
}

function nothingError(name: string | undefined): CoppiceError {
  const what = name === undefined ? 'nothing was deleted here' : `no ${name} was deleted here`;
  return new CoppiceError('COPPICE_UNDO', `${what} in the last 72 hours`, {
    hint: '`wt undo --list` shows what can be brought back; `git reflog` knows older commits',
  });
}

/** Where everything goes. Throws COPPICE_UNDO when something is there now. */
async function returnOf(
  record: DeletedWorktree,
  options: UndoOptions,
  { common }: Repository,
): Promise<Return> {
  const branch = await branchToUse(record, options.branch, common);
  const path = options.path ?? record.path ?? '';
  if (path !== '' && !(await isItself(record, path, common))) await requireFree(record, path);
  return {
    path,
    registration: await freeRegistration(record.registration ?? basename(path), common),
    ...defined({ branch }),
  };
}

async function branchToUse(
  { name, branch, tip, branchOutcome }: DeletedWorktree,
  wanted: string | undefined,
  common: string,
): Promise<string | undefined> {
  if (branch === undefined || tip === undefined) return branch;
  const use = wanted ?? branch;
  const now = await shaOf(common, `refs/heads/${use}`);
  const hint = `wt undo ${quote(name, 'posix')} --branch NAME brings it back with another name`;
  if (now !== undefined && now !== tip && branchOutcome !== 'kept_raced') {
    throw new CoppiceError('COPPICE_UNDO', `there is a branch ${use} again, at ${now.slice(0, 8)}`, { hint });
  }
  if (now !== undefined && (await isCheckedOut(common, use))) {
    throw new CoppiceError('COPPICE_UNDO', `the branch ${use} is checked out in another worktree now`, {
      hint,
    });
  }
  return use;
}

/** The folder had been moved by hand, and counted as gone: it still names the git folder that it had. */
async function isItself(
  { registration, tree }: DeletedWorktree,
  path: string,
  common: string,
): Promise<boolean> {
  if (registration === undefined || tree !== undefined) return false;
  const gitFolder = join(common, 'worktrees', registration);
  // Where it exists, it is that of a later worktree.
  return (await namedGitFolder(path)) === gitFolder && !(await isThere(gitFolder));
}

async function requireFree({ name }: DeletedWorktree, path: string): Promise<void> {
  const there = await unlessAbsent(lstat(path), ['ENOENT', 'ENOTDIR']);
  // Some programs leave the folder that they run in behind, with nothing in it.
  if (there === undefined || (await emptied(path))) return;
  const what = there.isDirectory() ? 'a folder' : 'a file';
  throw new CoppiceError('COPPICE_UNDO', `there is ${what} at ${path} now`, {
    hint: `move it away, or: wt undo ${quote(name, 'posix')} --path FOLDER`,
  });
}

async function emptied(path: string): Promise<boolean> {
  return rmdir(path).then(
    () => true,
    () => false,
  );
}

async function freeRegistration(wanted: string, common: string): Promise<string> {
  for (let number = 0; ; number += 1) {
    const id = number === 0 ? wanted : `${wanted}${number}`;
    if (!(await isThere(join(common, 'worktrees', id)))) return id;
  }
}

/** Whether this created it. */
async function restoreBranch(record: DeletedWorktree, { branch }: Return, common: string): Promise<boolean> {
  const { tip, branchConfig, branchLog } = record;
  if (branch === undefined || tip === undefined) return false;
  const ref = `refs/heads/${branch}`;
  if ((await shaOf(common, ref)) !== undefined) return false;
  if (!(await createReference(common, { ref, sha: tip }))) {
    throw new CoppiceError(
      'COPPICE_UNDO',
      `git refuses to create the branch ${branch} at ${tip.slice(0, 8)}`,
      {
        hint: `wt undo ${quote(record.name, 'posix')} --branch NAME uses another name`,
      },
    );
  }
  await addBranchConfig(common, branch, branchConfig);
  if (branchLog !== undefined) await restoreLog(join(common, 'logs', 'refs', 'heads', branch), branchLog);
  return true;
}

/** In the place of the one that began when the branch was created again. */
async function restoreLog(file: string, log: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, log);
}

async function restoreWorktree(
  record: DeletedWorktree,
  way: Return,
  common: string,
  ports: Ports,
): Promise<void> {
  const { path, registration, branch } = way;
  if (path === '') return;
  await mkdir(dirname(path), { recursive: true });
  const gitFolder = join(common, 'worktrees', registration);
  const isMoved = await isItself(record, path, common);
  if (record.tree === undefined && !isMoved) return recreate(record, way, common, ports);
  await mkdir(dirname(gitFolder), { recursive: true });
  if (!(await isThere(gitFolder))) await rename(keptGitFolder(common, record.id), gitFolder);
  const head = join(gitFolder, 'HEAD');
  const isOnBranch = (await readFile(head, 'utf8')).startsWith('ref: ');
  if (branch !== undefined && isOnBranch) await writeFile(head, `ref: refs/heads/${branch}\n`);
  await writeFile(join(gitFolder, 'gitdir'), `${join(path, '.git')}\n`);
  if (record.tree === undefined) {
    await writeGitFile(path, gitFolder);
  } else if (await isPresent(record.tree)) {
    await writeGitFile(record.tree, gitFolder);
    await moveBack(record, record.tree, path);
  }
  if (!(await isThere(join(path, '.git')))) throw lostError(record, record.tree ?? path, path);
  await rm(gitFilePlace(common, record.id), { force: true });
  if (path !== record.path || registration !== record.registration) await movedSubmodules(path, gitFolder);
}

function lostError({ name }: DeletedWorktree, tree: string, path: string): CoppiceError {
  return new CoppiceError('COPPICE_UNDO', `the files of ${name} are neither in ${tree} nor in ${path}`, {
    hint: `move them to ${tree}, then run this again`,
  });
}

/** A folder without write permission has it for a moment. */
async function writeGitFile(tree: string, gitFolder: string): Promise<void> {
  // A link in its place leads nowhere any more.
  const { mode } = await stat(tree).catch(() => ({ mode: 0 }));
  if (mode === 0) return;
  const text = `gitdir: ${gitFolder}\n`;
  await writeFile(join(tree, '.git'), text).catch(async (error: unknown) => {
    if (!hasCode(error, 'EACCES')) throw error;
    await chmod(tree, mode | 0o700);
    await writeFile(join(tree, '.git'), text);
    await chmod(tree, mode);
  });
}

async function moveBack({ name }: DeletedWorktree, tree: string, path: string): Promise<void> {
  try {
    await rename(tree, path);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) {
      const { mode } = await stat(tree);
      await chmod(tree, mode | 0o700);
      await rename(tree, path);
      return chmod(path, mode);
    }
    throw new CoppiceError('COPPICE_UNDO', `the folder cannot be moved to ${path}: ${messageOf(error)}`, {
      hint: `it is still in ${tree}; to put it elsewhere: wt undo ${quote(name, 'posix')} --path FOLDER`,
      cause: error,
    });
  }
}

/** The folder had been removed by hand before: only what git has comes back. */
async function recreate(
  { head, tip }: DeletedWorktree,
  { path, branch }: Return,
  common: string,
  { screen, interrupts }: Ports,
): Promise<void> {
  if (await isThere(path)) return;
  const what = branch === undefined ? ['--detach', path, head ?? tip ?? 'HEAD'] : [path, branch];
  // Its post-checkout hook may take as long as it likes.
  const result = await withTask(screen, `git worktree add ${path}`, () =>
    interruptible(interrupts, (signal) => gitWith(common, { signal }, 'worktree', 'add', '--quiet', ...what)),
  );
  if (result.code !== 0) throw gitError(common, result);
}

async function restoreDatabase(
  environment: DeletedEnvironment,
  cwd: string,
  ports: Ports,
): Promise<ReturnedDatabase> {
  const { app, slug, database } = environment;
  if ((await cancelRemoval(environment)) || environment.state === 'there')
    return { app, slug, state: 'never_removed' };
  if (database === undefined) return { app, slug, state: 'later', why: 'no database was kept' };
  try {
    const { undo } = await import('../../databases/undo.ts');
    const target = { environment: environmentName(app, slug) };
    // A later worktree of this name may have left a younger one.
    const answers = { name: database.snapshot, yes: false, endSessions: false, force: false };
    await undo(target, answers, { ...ports, cwd });
    return { app, slug, state: 'back' };
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return { app, slug, state: 'later', why: messageOf(error) };
  }
}
