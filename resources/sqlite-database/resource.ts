import { resourceClass } from '../resource-class.ts';
import { sqliteContract } from './contract.ts';

/** The database file of a worktree. */
export class SqliteDatabase extends resourceClass(sqliteContract) {}
