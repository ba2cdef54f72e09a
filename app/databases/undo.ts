import { defined } from '../../core/defined.ts';
import { environmentName } from '../../core/names.ts';
import { presentClone } from '../../servers/postgres/databases.ts';
import { lastReplaced, type Undone, undo as undoReplacement } from '../../servers/postgres/snapshots.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName, Target } from '../target/target.ts';
import { onDatabase } from './administer.ts';
import { repositoryOf } from './owner.ts';
import { type ReplaceOptions, replaceDatabase, withYes } from './replace.ts';

export interface UndoOptions extends ReplaceOptions {
  /** Name of a snapshot; undefined for the latest replaced content. */
  readonly name: string | undefined;
}

export interface DatabaseUndo extends Undone {
  readonly environment: EnvironmentName;
  readonly database: string;
}

/** Restores replaced content. Throws COPPICE_NO_SNAPSHOT, COPPICE_NOT_CONFIRMED, and what reaching throws. */
export function undo(
  target: Target,
  { name, yes, endSessions, force }: UndoOptions,
  ports: Ports,
): Promise<DatabaseUndo> {
  return onDatabase(target, ports, async (administered) => {
    const { server, database, environment } = administered;
    const whose = environmentName(environment.app, environment.slug);
    const present = await presentClone(server, database);
    const owner = await repositoryOf(ports.cwd);
    // Otherwise the user would answer a question in vain.
    await lastReplaced(server, { database, ...defined({ name, owner: present ?? owner }) });
    const replacing = present && {
      yes,
      endSessions,
      force,
      question: `Replace the database of ${whose} with ${name ?? 'its latest replaced content'}?`,
      refusal: 'nothing was restored',
      hint: withYes(['undo', ...(name === undefined ? [] : [name])], target, { endSessions }),
    };
    const label = `restoring the database of ${whose}`;
    const undone = await replaceDatabase(administered, replacing, label, ports, (may) =>
      undoReplacement(server, {
        database,
        ...may,
        ...defined({ name, owner }),
      }),
    );
    return { ...undone, environment, database };
  });
}
