import type { CloneMark } from '../../servers/postgres/databases.ts';
import { databaseOfEnvironment, type Movable, type MovedEnvironment } from './journal.ts';

/** A database to be carried over. */
export interface PlannedDatabase {
  readonly name: string;
  readonly mark: CloneMark;
  /** Logical bytes: its size on its own. */
  readonly bytes: number;
}

/** What a migration will do, as plain data. */
export interface MigrationPlan {
  readonly from: Movable;
  readonly to: Movable;
  readonly environments: readonly MovedEnvironment[];
  readonly databases: readonly PlannedDatabase[];
  /** Content of the old server that is not carried over. */
  readonly left: { readonly snapshots: number; readonly templates: number };
  /** Environments with a Temporal namespace, by name. */
  readonly temporal: readonly string[];
}

/** Databases without an environment that has a worktree: they are dumped, and the dump is kept. */
export function databasesWithoutWorktree({ environments, databases }: MigrationPlan): PlannedDatabase[] {
  const placed = environments.filter(({ specFolder }) => specFolder !== undefined);
  return databases.filter((database) => !placed.some((one) => databaseOfEnvironment(one, [database])));
}

/** Upper limit for the bytes of the dumps, and later of the databases. */
export function bytesOf({ databases }: Pick<MigrationPlan, 'databases'>): number {
  return databases.reduce((sum, { bytes }) => sum + bytes, 0);
}
