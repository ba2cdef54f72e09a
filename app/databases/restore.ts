import { environmentName } from '../../core/names.ts';
import { since } from '../../core/text/duration.ts';
import { requireClone } from '../../servers/postgres/databases.ts';
import { findSnapshot, type Replaced, restoreSnapshot } from '../../servers/postgres/snapshots.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName, Target } from '../target/target.ts';
import { onDatabase } from './administer.ts';
import { type ReplaceOptions, replaceDatabase, withYes } from './replace.ts';

export interface RestoreOptions extends ReplaceOptions {
  /** Name of the snapshot. */
  readonly name: string;
}

export interface DatabaseRestore extends Replaced {
  readonly environment: EnvironmentName;
  readonly database: string;
}

/** Restores a database from a snapshot. Throws COPPICE_NO_SNAPSHOT, COPPICE_NOT_CONFIRMED, and what reaching throws. */
export function restore(
  target: Target,
  { name, yes, endSessions, force }: RestoreOptions,
  ports: Ports,
): Promise<DatabaseRestore> {
  return onDatabase(target, ports, async (administered) => {
    const { server, database, environment } = administered;
    const whose = environmentName(environment.app, environment.slug);
    const { mark } = await findSnapshot(server, database, name, await requireClone(server, database));
    const replacing = {
      yes,
      endSessions,
      force,
      question: `Make the database of ${whose} what it was ${since(mark.takenAt, Date.now())} ago (snapshot ${name})?`,
      refusal: `the database of ${whose} was not restored`,
      hint: withYes(['restore', name], target, { endSessions }),
    };
    const replaced = await replaceDatabase(administered, replacing, `restoring ${name}`, ports, (may) =>
      restoreSnapshot(server, { database, name, ...may }),
    );
    return { ...replaced, environment, database };
  });
}
