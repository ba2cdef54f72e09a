import { loadSettings } from '../../config/settings/settings.ts';
import type { DatabaseSpec } from '../../config/spec/schema/database.ts';
import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import {
  managedPlace as managedPostgres,
  type PostgresPlace,
  platformPlace,
} from '../../servers/postgres/place.ts';
import type { EnvironmentName } from '../target/target.ts';
import { writtenSpec } from '../target/written-spec.ts';

/** The server that the settings name, if any. */
export async function managedPlace(): Promise<PostgresPlace | undefined> {
  const managed = (await loadSettings()).databases?.managed;
  return managed && managedPostgres(managed);
}

/**
 * The server that an environment's spec names; the platform's when the spec is missing or unreadable, as snapshots must
 * be reachable then too. Throws COPPICE_SQLITE for a database that is a file.
 */
export async function databasePlace(
  environment: EnvironmentName,
  record: ClusterRecord,
): Promise<PostgresPlace> {
  const database = (await writtenSpec(environment.specFolder))?.database;
  if (database?.engine === 'sqlite') throw sqliteError(environment, database.file);
  return placeFor(database, record);
}

/** The server on which a database without a stack may be: as {@link databasePlace}, and the platform's for a file. */
export async function leftoverPlace(
  environment: EnvironmentName,
  record: ClusterRecord,
): Promise<PostgresPlace> {
  return placeFor((await writtenSpec(environment.specFolder))?.database, record);
}

async function placeFor(database: DatabaseSpec | undefined, record: ClusterRecord): Promise<PostgresPlace> {
  const managed = database?.server === 'managed' ? await managedPlace() : undefined;
  return managed ?? platformPlace(record);
}

/** The error of verbs that need a server when the database is a file. */
export function sqliteError(
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  file: string | undefined,
): CoppiceError {
  return new CoppiceError(
    'COPPICE_SQLITE',
    `the database of ${environmentName(app, slug)} is the file ${file} in its worktree (engine: sqlite)`,
    { hint: 'open that file; wt db reset copies it again' },
  );
}
