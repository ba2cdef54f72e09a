import { databaseName, environmentName } from '../../core/names.ts';
import { ownerOf } from '../../core/owner.ts';
import { ownClients } from '../../resources/database/clients.ts';
import {
  type Forked,
  type ForkRequest,
  forkDatabase,
  presentClone,
  refuseWithChoices,
  requireClone,
} from '../../servers/postgres/databases.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { onDatabase } from './administer.ts';
import { ownerFromGit } from './owner.ts';
import { type ReplaceOptions, replaceDatabase, sayPaused, withYes } from './replace.ts';

export interface ForkOptions extends ReplaceOptions {
  /** The other environment: branch, slug or path. */
  readonly from: string;
  /** What to do while a program is connected to the other database. */
  readonly sessions: ForkRequest['sessions'];
}

export interface DatabaseFork extends Forked {
  readonly environment: EnvironmentName;
  /** Name of the other environment: `shop/main`. */
  readonly from: string;
}

/**
 * Replaces the database of an environment by a copy of another's. Throws COPPICE_DATABASE_IN_USE,
 * COPPICE_NOT_CONFIRMED, and what naming and reaching throw.
 */
export async function fork(
  target: Target,
  { from, sessions: choice, yes, endSessions, force }: ForkOptions,
  ports: Ports,
): Promise<DatabaseFork> {
  const source = await nameEnvironment({ environment: from }, ports.cwd);
  const sourceName = environmentName(source.app, source.slug);
  const sourceDatabase = databaseName(source.app, source.slug);
  return onDatabase(target, ports, async (administered) => {
    const { server, kube, database, environment } = administered;
    const name = environmentName(environment.app, environment.slug);
    // Otherwise the user would answer a question in vain.
    const sourceOwn = await ownClients(kube, source.namespace);
    const sessions = choice === 'refuse' && (force || endSessions) ? 'end' : choice;
    if (sessions === 'refuse')
      await refuseWithChoices(server, sourceDatabase, await requireClone(server, sourceDatabase), sourceOwn);
    const present = await presentClone(server, database);
    const owner = present ? ownerOf(present) : await ownerFromGit(target, environment, ports.cwd);
    const replacing = present && {
      yes,
      endSessions,
      force,
      question: `Replace the database of ${name} with a copy of that of ${sourceName}?`,
      refusal: `the database of ${name} was not replaced`,
      hint: withYes(
        ['fork', '--from', from, ...(choice === 'last-snapshot' ? ['--last-snapshot'] : [])],
        target,
        { endSessions },
      ),
    };
    const label = `copying the database of ${sourceName}`;
    const forked = await replaceDatabase(administered, replacing, label, ports, async ({ force, own }) => {
      if (sessions !== 'last-snapshot')
        await sayPaused(server, sourceDatabase, { force: sessions === 'end', own: sourceOwn }, ports);
      return forkDatabase(server, {
        from: sourceDatabase,
        to: database,
        owner,
        sessions,
        force,
        own: [...own, ...sourceOwn],
      });
    });
    return { ...forked, environment, from: sourceName };
  });
}
