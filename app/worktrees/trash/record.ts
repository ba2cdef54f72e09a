import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../core/errors.ts';
import { isThere, writeJson } from '../../../core/files.ts';
import { slugOf } from '../../../core/names.ts';
import { readState, type StateFile } from '../../../core/state/state-file.ts';
import type { Reference } from '../../../git/references.ts';
import type { PurgedTelemetry } from '../../telemetry/purge.ts';
import type { DeletedAt } from './age.ts';

/** An environment of a deleted worktree, and how far its removal came. */
export interface DeletedEnvironment {
  readonly app: string;
  readonly slug: string;
  /** `pending`: the cluster did not answer, and a later verb removes it. */
  readonly state: 'there' | 'removed' | 'pending' | 'absent';
  /** The snapshot that `wt db undo` brings back. */
  readonly database?: { readonly name: string; readonly snapshot: string };
  /** Absent where its telemetry was kept. */
  readonly telemetry?: PurgedTelemetry;
}

/** What became of the branch. */
export type BranchOutcome =
  | 'deleted'
  | 'kept_checked_out'
  | 'kept_unmerged'
  | 'kept_raced'
  | 'kept_asked'
  | 'absent';

/** Where an undo puts a worktree; written before its first step, so that a killed one continues. */
export interface Return {
  readonly path: string;
  readonly registration: string;
  readonly branch?: string;
}

/**
 * The journal of one deletion: what is deleted and how, written before the first step. What has happened already is seen
 * from the files, so that the same command continues after a kill.
 */
export interface DeletedWorktree {
  readonly version: 1;
  /** Name of its folder in the trash. */
  readonly id: string;
  /** Its branch, or its own name when HEAD was detached. */
  readonly name: string;
  readonly branch?: string;
  /** Full sha of the branch, as the check read it. */
  readonly tip?: string;
  /** Full sha of HEAD where that is another one. */
  readonly head?: string;
  /** Absolute path of its folder; absent where only a branch was deleted. */
  readonly path?: string;
  /** Git's own name for the worktree. */
  readonly registration?: string;
  /** Absolute path to which its folder is moved; absent when there was none any more. */
  readonly tree?: string;
  readonly deletedAt: DeletedAt;
  readonly keepBranch: boolean;
  readonly endWorkflows: boolean;
  /** The telemetry of its environments is deleted with them; absent in earlier records. */
  readonly purge?: boolean;
  readonly environments: readonly DeletedEnvironment[];
  /** Of `[branch "…"]` in the configuration: its upstream among them. */
  readonly branchConfig: readonly (readonly [key: string, value: string])[];
  /** References of ours that keep its commits and staged files from `git gc`. */
  readonly keep: readonly Reference[];
  /** The reflog of the branch. */
  readonly branchLog?: string;
  readonly branchOutcome?: BranchOutcome;
  /** Every step is done. */
  readonly done: boolean;
  readonly undo?: Return;
}

const file: StateFile = {
  what: 'the record of a deleted worktree',
  fields: { id: 'string', name: 'string', deletedAt: 'object', environments: 'array', done: 'boolean' },
  afterwards: 'what lies beside it is the worktree',
};

export function trashFolder(commonFolder: string): string {
  return join(commonFolder, 'coppice', 'trash');
}

export function entryFolder(commonFolder: string, id: string): string {
  return join(trashFolder(commonFolder), id);
}

/** Where the git folder of the deleted worktree lies. */
export function keptGitFolder(commonFolder: string, id: string): string {
  return join(entryFolder(commonFolder, id), 'registration');
}

/** References that keep the commits of a deleted worktree from `git gc`. */
export function keptRefs(id: string): string {
  return `refs/coppice/deleted/${id}`;
}

/** A folder name that no other deletion has: `feat-login-1f9c2a3b`. */
export function newId(name: string): string {
  return `${slugOf(name)}-${randomBytes(4).toString('hex')}`;
}

export function writeRecord(commonFolder: string, record: DeletedWorktree): Promise<void> {
  return writeJson(join(entryFolder(commonFolder, record.id), 'record.json'), record);
}

/** What is in the trash, the latest first. A damaged record is left out and stays, and so is one of which nothing came. */
export async function readRecords(commonFolder: string): Promise<DeletedWorktree[]> {
  const records = await allRecords(commonFolder);
  const begun = await Promise.all(records.map((record) => hasBegun(record, commonFolder)));
  return records.filter((_, at) => begun[at]);
}

/** An entry of the trash whose record cannot be read. */
export interface DamagedEntry {
  readonly id: string;
  /** Absolute path of what there is of it: a worktree's files in `tree`, git's own in `registration`. */
  readonly folder: string;
  readonly problem: string;
}

/** They stay until a person has moved them: without the record nothing is brought back by itself, and nothing is erased. */
export async function damagedEntries(commonFolder: string): Promise<DamagedEntry[]> {
  const ids = await readdir(trashFolder(commonFolder)).catch(() => []);
  const found = await Promise.all(
    ids.filter((id) => !isExpiredName(id)).map((id) => damageOf(id, entryFolder(commonFolder, id))),
  );
  return found.flatMap((one) => one ?? []);
}

async function damageOf(id: string, folder: string): Promise<DamagedEntry | undefined> {
  try {
    const record = await readState(join(folder, 'record.json'), file);
    if (record !== undefined) return undefined;
    const holds = await Promise.all(['tree', 'registration'].map((name) => isThere(join(folder, name))));
    return holds.includes(true) ? { id, folder, problem: 'it has no record' } : undefined;
  } catch (error) {
    return { id, folder, problem: messageOf(error) };
  }
}

/** Those of which nothing came too. */
export async function allRecords(commonFolder: string): Promise<DeletedWorktree[]> {
  const folder = trashFolder(commonFolder);
  const ids = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    ids
      .filter((id) => !isExpiredName(id))
      .map((id) => readState<DeletedWorktree>(join(folder, id, 'record.json'), file).catch(() => undefined)),
  );
  return found
    .flatMap((record) => record ?? [])
    .sort((one, other) => Date.parse(other.deletedAt.time) - Date.parse(one.deletedAt.time));
}

/**
 * Whether a deletion came so far that something lies in the trash. A killed one may have written its record alone: then
 * the worktree is where it was, and the record says nothing.
 */
async function hasBegun(record: DeletedWorktree, commonFolder: string): Promise<boolean> {
  const { done, id, path, tree } = record;
  if (done || path === undefined) return true;
  return (await isThere(keptGitFolder(commonFolder, id))) || (tree !== undefined && isThere(tree));
}

const expired = 'expired-';

/** What an entry is renamed to before it is removed, so that an undo does not take half of one for a whole. */
export function expiredName(id: string): string {
  return `.${expired}${id}`;
}

export function isExpiredName(name: string): boolean {
  return name.startsWith(`.${expired}`);
}
