import type { Contract } from '../contract.ts';
import type { DatabaseInputs, DatabaseOutputs } from '../database/contract.ts';

/**
 * Like `Database`, but for a database that the plugin of `@pulumi/postgresql` creates and drops: its password, its
 * Secret and later migrations.
 */
export const databaseAccessContract: Contract<
  'DatabaseAccess',
  DatabaseAccessInputs,
  DatabaseAccessOutputs,
  'template'
> = {
  token: 'coppice:index:DatabaseAccess',
  words: 'database access',
  outputs: { name: undefined, strategy: undefined, milliseconds: undefined, adopted: undefined },
};

export interface DatabaseAccessInputs extends DatabaseInputs {
  /** Name of the template that the database was cloned from. */
  readonly template: string;
}

export type DatabaseAccessOutputs = DatabaseAccessInputs & DatabaseOutputs;
