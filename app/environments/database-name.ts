import { databaseContract } from '../../resources/database/contract.ts';
import { databaseAccessContract } from '../../resources/database-access/contract.ts';
import { sqliteContract } from '../../resources/sqlite-database/contract.ts';
import { resourceOf, type StackState } from '../engine/index.ts';

/** An environment's database: the name of one in PostgreSQL, the file of SQLite. */
export interface DatabaseName {
  readonly engine: 'postgres' | 'sqlite';
  readonly name: string;
}

/** Undefined for an environment without a database. */
export function databaseIn(state: StackState | undefined): DatabaseName | undefined {
  const name = (resourceOf(state, databaseContract) ?? resourceOf(state, databaseAccessContract))?.name;
  if (name !== undefined) return { engine: 'postgres', name };
  const file = resourceOf(state, sqliteContract)?.file;
  return file === undefined ? undefined : { engine: 'sqlite', name: file };
}
