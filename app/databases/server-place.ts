import { loadSettings } from '../../config/settings/settings.ts';
import { findSpec, loadSpec } from '../../config/spec/load.ts';
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

/** The server that is named in the settings, if any. */
export async function managedPlace(): Promise<PostgresPlace | undefined> {
  const managed = (await loadSettings()).databases?.managed;
  return managed && managedPostgres(managed);
}

/**
 * The server that an environment's spec asks for; the platform's when the spec is gone or cannot be read, as snapshots
 * must be reached then too. Throws COPPICE_SQLITE for a database that is a file.
 */
export async function placeOf(environment: EnvironmentName, record: ClusterRecord): Promise<PostgresPlace> {
  const database = await writtenDatabase(environment);
  if (database?.engine === 'sqlite') throw isFile(environment, database.file);
  return placeFor(database, record);
}

/** Where a database may lie that no stack knows of: as {@link placeOf}, and the platform's server for a file. */
export async function leftoverPlace(
  environment: EnvironmentName,
  record: ClusterRecord,
): Promise<PostgresPlace> {
  return placeFor(await writtenDatabase(environment), record);
}

async function placeFor(database: DatabaseSpec | undefined, record: ClusterRecord): Promise<PostgresPlace> {
  const managed = database?.server === 'managed' ? await managedPlace() : undefined;
  return managed ?? platformPlace(record);
}

/** What the spec of an environment says of its database; undefined when it says nothing, or is not there. */
export async function writtenDatabase({ specFolder }: EnvironmentName): Promise<DatabaseSpec | undefined> {
  if (specFolder === undefined) return undefined;
  try {
    return (await loadSpec(await findSpec(specFolder))).spec.database;
  } catch {
    return undefined;
  }
}

/** What the verbs that need a server say of a database that is none. */
export function isFile(
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  file: string | undefined,
): CoppiceError {
  return new CoppiceError(
    'COPPICE_SQLITE',
    `the database of ${environmentName(app, slug)} is the file ${file} in its worktree (engine: sqlite)`,
    { hint: 'open that file; wt db reset copies it again' },
  );
}
