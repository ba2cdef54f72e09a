import { posix } from 'node:path';
import { appFolder } from '../app-folder.ts';
import type { DatabaseSpec } from '../schema/database.ts';
import type { TemporalSpec } from '../schema/temporal.ts';
import type { ReferredDatabase, ReferredTemporal } from './references.ts';

/** What references may use of the database; undefined if the spec asks for none. */
export function referredDatabase(database: DatabaseSpec | undefined): ReferredDatabase | undefined {
  if (database === undefined) return undefined;
  if (database.engine === 'postgres') return { engine: 'postgres' };
  return { engine: 'sqlite', file: posix.join(appFolder, database.file ?? '') };
}

/** What references may use of Temporal; undefined if the spec asks for none. `platform`: address of that server. */
export function referredTemporal(
  temporal: TemporalSpec | undefined,
  platform: { readonly address: string; readonly namespace: string },
): ReferredTemporal | undefined {
  if (temporal === undefined) return undefined;
  return temporal.server === 'managed' ? { server: 'managed' } : { server: 'platform', ...platform };
}
