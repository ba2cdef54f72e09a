import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { type Access, readAccess } from '../../resources/database/secret.ts';
import { requireOwnNamespace } from '../target/namespace-owner.ts';
import type { EnvironmentName } from '../target/target.ts';
import { writtenSpec } from '../target/written-spec.ts';
import { sqliteError } from './server-place.ts';

/** The login for an environment's database, as its pods have it. Throws COPPICE_NO_DATABASE, COPPICE_SQLITE. */
export async function environmentLogin(kube: Kube, environment: EnvironmentName): Promise<Access> {
  const access = await readAccess(kube, environment.namespace);
  if (access !== undefined) return access;
  const database = (await writtenSpec(environment.specFolder))?.database;
  if (database?.engine === 'sqlite') throw sqliteError(environment, database.file);
  throw database ? noLoginError(environment) : noDatabaseError(environment);
}

/** After `wt down` and `wt db undo` the database is there, and its login is not. */
function noLoginError({ app, slug }: Pick<EnvironmentName, 'app' | 'slug'>): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_DATABASE',
    `${environmentName(app, slug)} is not up: its PostgreSQL database has no login`,
    { hint: 'wt up gives it one; a database that `wt db undo` brought back is used as it is' },
  );
}

/** The same for a verb that was given a name. Throws COPPICE_CLAIMED too. */
export async function ownLogin(kube: Kube, environment: EnvironmentName): Promise<Access> {
  await requireOwnNamespace(kube, environment);
  return environmentLogin(kube, environment);
}

export function noDatabaseError({ app, slug }: Pick<EnvironmentName, 'app' | 'slug'>): CoppiceError {
  return new CoppiceError('COPPICE_NO_DATABASE', `${environmentName(app, slug)} has no PostgreSQL database`, {
    hint: 'wt up creates it if its coppice.yaml has `database:`',
  });
}
