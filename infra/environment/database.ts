import type { CustomResourceOptions, Resource } from '@pulumi/pulumi/resource.js';
import type { EnvironmentPlan, ServicePlan } from '../../config/plan/plan.ts';
import { refersTo } from '../../config/spec/references/references.ts';
import type { DatabaseInputs } from '../../resources/database/contract.ts';
import { Database } from '../../resources/database/resource.ts';
import { sqliteInputs } from '../../resources/sqlite-database/inputs.ts';
import { SqliteDatabase } from '../../resources/sqlite-database/resource.ts';
import { createWithPostgresql } from './postgresql/database.ts';

/** The database of an environment; undefined when its plan has none. */
export function createDatabase(
  plan: EnvironmentPlan,
  inputs: DatabaseInputs | undefined,
  options: CustomResourceOptions,
): Resource | undefined {
  if (plan.database?.engine === 'sqlite')
    return new SqliteDatabase('database', sqliteInputs(plan, plan.database), options);
  if (inputs?.server.kind === 'managed' && inputs.server.resources === 'postgresql')
    return createWithPostgresql(inputs, options);
  // Not deleted with the namespace: it is on a server that stays.
  return inputs && new Database('database', inputs, options);
}

/** Whether a service starts after the database exists; the others start at the same time. */
export function waitsForDatabase({ database }: EnvironmentPlan, { secretEnv }: ServicePlan): boolean {
  // A file has no name that a service would have to refer to.
  return (
    database?.engine === 'sqlite' || Object.values(secretEnv).some((value) => refersTo('database', value))
  );
}
