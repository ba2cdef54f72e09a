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

/** The server that is named in the settings, if any. */
export async function managedPlace(): Promise<PostgresPlace | undefined> {
  const managed = (await loadSettings()).databases?.managed;
  return managed && managedPostgres(managed);
}

/**
 * The server that an environment's spec asks for; the platform's when the spec is gone or cannot be read, as snapshots
 * must be reached then too. Throws COPPICE_SQLITE for a database that is a file.
 */
export async function databasePlace(
  environment: EnvironmentName,
  record: ClusterRecord,
): Promise<PostgresPlace> {
  const database = (await writtenSpec(environment.specFolder))?.database;
  if (database?.engine === 'sqlite') throw sqliteError(environment, database.file);
  return placeFor(database, record);
}

/** Where a database may lie that no stack knows of: as {@link databasePlace}, and the platform's server for a file. */
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

/** What the verbs that need a server say of a database that is none. */
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
