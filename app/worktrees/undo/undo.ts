import { chmod, lstat, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { withLock } from '../../../core/lock.ts';
import { environmentName, slugOf } from '../../../core/names.ts';
import { quote } from '../../../core/shell.ts';
import { addBranchConfig } from '../../../git/branch-config.ts';
import { git, gitError } from '../../../git/command.ts';
import { createReference, shaOf } from '../../../git/references.ts';
import { isCheckedOut } from '../../../git/registration.ts';
import type { Ports } from '../../ports.ts';
import { gitFilePlace } from '../delete/move-aside.ts';
import { cancelRemoval } from '../delete/remove-environments.ts';
import { type Repository, repositoryAt } from '../delete/repository.ts';
import { isExpired, momentNow } from '../trash/age.ts';
import {
  type DeletedEnvironment,
  type DeletedWorktree,
  keptGitFolder,
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

/** What can be brought back in the repository of a folder, the latest first. */
export async function listDeleted(cwd: string): Promise<DeletedWorktree[]> {
  const { common } = await repositoryAt(cwd);
  const now = momentNow();
  return (await readRecords(common)).filter(({ done, deletedAt }) => !done || !isExpired(deletedAt, now));
}

/**
 * Brings a deleted worktree back: folder, index, branch and its configuration, database. Throws COPPICE_UNDO when its
 * branch or its place was taken since, COPPICE_AMBIGUOUS when several could be meant.
 */
export async function undoDeletion(options: UndoOptions, ports: Ports): Promise<Undone> {
  const repository = await repositoryAt(ports.cwd);
  const { common } = repository;
  const { record, branch, path } = await withLock(join(common, 'coppice', 'delete'), async () => {
    const found = chosen(await listDeleted(ports.cwd), options.name, ports.cwd);
    const way = found.undo ?? (await returnOf(found, options, repository));
    await writeRecord(common, { ...found, undo: way });
    await restoreBranch(found, way, common);
    await restoreWorktree(found, way, common);
    return { record: found, ...way };
  });
  const databases: ReturnedDatabase[] = [];
  for (const environment of record.environments) {
    databases.push(await restoreDatabase(environment, path === '' ? ports.cwd : path, ports));
  }
  await forgetEntry(record, common);
  await sweepTrash(common);
  return { record, databases, ...defined({ branch, path: path === '' ? undefined : path }) };
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
  if (path !== '') await requireFree(record, path);
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

async function restoreBranch(record: DeletedWorktree, { branch }: Return, common: string): Promise<void> {
  const { tip, branchConfig, branchLog } = record;
  if (branch === undefined || tip === undefined) return;
  const ref = `refs/heads/${branch}`;
  if ((await shaOf(common, ref)) !== undefined) return;
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
}

/** In the place of the one that began when the branch was created again. */
async function restoreLog(file: string, log: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, log);
}

async function restoreWorktree(record: DeletedWorktree, way: Return, common: string): Promise<void> {
  const { path, registration, branch } = way;
  if (path === '') return;
  await mkdir(dirname(path), { recursive: true });
  if (record.tree === undefined) return recreate(record, way, common);
  const gitFolder = join(common, 'worktrees', registration);
  await mkdir(dirname(gitFolder), { recursive: true });
  if (!(await isThere(gitFolder))) await rename(keptGitFolder(common, record.id), gitFolder);
  const head = join(gitFolder, 'HEAD');
  const isOnBranch = (await readFile(head, 'utf8')).startsWith('ref: ');
  if (branch !== record.branch && isOnBranch) await writeFile(head, `ref: refs/heads/${branch}\n`);
  await writeFile(join(gitFolder, 'gitdir'), `${join(path, '.git')}\n`);
  if (await isThere(record.tree)) {
    await writeGitFile(record.tree, gitFolder);
    await moveBack(record.tree, path);
  }
  await rm(gitFilePlace(common, record.id), { force: true });
  if (path !== record.path || registration !== record.registration) await movedSubmodules(path, gitFolder);
}

/** A folder without write permission has it for a moment. */
async function writeGitFile(tree: string, gitFolder: string): Promise<void> {
  const { mode } = await stat(tree);
  const text = `gitdir: ${gitFolder}\n`;
  await writeFile(join(tree, '.git'), text).catch(async (error: unknown) => {
    if (!hasCode(error, 'EACCES')) throw error;
    await chmod(tree, mode | 0o700);
    await writeFile(join(tree, '.git'), text);
    await chmod(tree, mode);
  });
}

async function moveBack(tree: string, path: string): Promise<void> {
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
      hint: `it lies in ${tree}; move it there yourself, then run this again`,
      cause: error,
    });
  }
}

/** The folder had been removed by hand before: only what git has comes back. */
async function recreate(
  { head, tip }: DeletedWorktree,
  { path, branch }: Return,
  common: string,
): Promise<void> {
  if (await isThere(path)) return;
  const what = branch === undefined ? ['--detach', path, head ?? tip ?? 'HEAD'] : [path, branch];
  const result = await git(common, 'worktree', 'add', '--quiet', ...what);
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
    // The latest that was replaced under this name.
    const answers = { name: undefined, yes: false, endSessions: false, force: false };
    await undo(target, answers, { ...ports, cwd });
    return { app, slug, state: 'back' };
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return { app, slug, state: 'later', why: messageOf(error) };
  }
}
