import type { Contract } from '../contract.ts';
import type { CopyStrategy } from './copy.ts';

/**
 * The database file of a worktree, copied once from the main worktree. It is a file of the worktree like any other, so
 * it is never overwritten, and stays when the environment is deleted.
 */
export const sqliteContract: Contract<'SqliteDatabase', SqliteInputs, SqliteOutputs> = {
  token: 'coppice:index:SqliteDatabase',
  words: 'sqlite database',
  outputs: { origin: undefined, milliseconds: undefined },
};

export interface SqliteInputs {
  /** Absolute path of the file in this worktree. */
  readonly file: string;
  /** The same file in the repository's main worktree; absent where there is none. */
  readonly source?: string;
  /** Owner of the worktree. */
  readonly uid: number;
  readonly gid: number;
}

/** How a worktree got its file. */
export interface SqliteState {
  /**
   * `kept`: the file existed and was not changed. `original`: this is the main worktree, whose file is the source.
   * `empty`: there is nothing to copy, so the app starts without a file.
   */
  readonly origin: CopyStrategy | 'kept' | 'original' | 'empty';
  readonly milliseconds: number;
}

export interface SqliteOutputs extends SqliteInputs, SqliteState {}
