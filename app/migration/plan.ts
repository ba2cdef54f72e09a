import type { CloneMark } from '../../servers/postgres/databases.ts';
import { databaseOfEnvironment, type Movable, type MovedEnvironment } from './journal.ts';

/** A database that is to be carried over. */
export interface PlannedDatabase {
  readonly name: string;
  readonly mark: CloneMark;
  /** Logical bytes: what it takes alone. */
  readonly bytes: number;
}

/** What a migration will do: plain data, for people and for programs. */
export interface MigrationPlan {
  readonly from: Movable;
  readonly to: Movable;
  readonly environments: readonly MovedEnvironment[];
  readonly databases: readonly PlannedDatabase[];
  /** What is on the old server and is not carried over. */
  readonly left: { readonly snapshots: number; readonly templates: number };
  /** Environments with a Temporal namespace, by name. */
  readonly temporal: readonly string[];
}

/** Databases that no environment with a worktree comes for: they are dumped, and the dump is kept. */
export function withoutPlace({ environments, databases }: MigrationPlan): PlannedDatabase[] {
  const placed = environments.filter(({ specFolder }) => specFolder !== undefined);
  return databases.filter((database) => !placed.some((one) => databaseOfEnvironment(one, [database])));
}

/** Bytes that the dumps, and later the databases, take at most. */
export function bytesOf({ databases }: Pick<MigrationPlan, 'databases'>): number {
  return databases.reduce((sum, { bytes }) => sum + bytes, 0);
}
