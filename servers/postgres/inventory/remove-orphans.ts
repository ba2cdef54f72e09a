import { ownerRoleName } from '../../../core/names.ts';
import { type Removal, removeEach } from '../../../core/sweep.ts';
import { dropDatabaseNow } from '../clones/clone.ts';
import { dropDatabase } from '../clones/drop.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { open } from '../connection/sessions.ts';
import { type MarkedDatabase, marks } from '../marks/mark.ts';
import { lockKey } from '../marks/private-names.ts';
import { dropLogin } from '../roles/roles.ts';
import { isUsed } from '../templates/last-use.ts';
import { firstUserOid, othersAtWork, strayFolders } from './inventory.ts';
import type { Orphan } from './orphans.ts';
import type { UnusedTemplate } from './unused-templates.ts';

/**
 * Removes what `findOrphans` found, each checked again first. Databases with sessions stay unless forced. May
 * be repeated after any interruption. Where blocks are shared a clone is kept as a snapshot for 72 hours.
 */
export async function removeOrphans(
  server: Server,
  orphans: readonly Orphan[],
  { force = false }: { readonly force?: boolean } = {},
): Promise<Removal<Orphan>[]> {
  const sorted = [...orphans].sort((one, other) => order(one) - order(other));
  return removeEach(sorted, (orphan) => {
    switch (orphan.kind) {
      case 'role':
        return removeRole(server, orphan.role);
      case 'folder':
        return removeFolder(server, orphan.oid);
      default:
        return removeOrphan(server, orphan, force);
    }
  });
}

/** First those that require that none of our other connections is open: removing the others opens some. */
function order({ kind }: Orphan): number {
  return kind === 'unmarked' || kind === 'closed' ? 0 : 1;
}

/** Removes what `unusedTemplates` chose, unless it was cloned since. */
export async function removeTemplates(
  server: Server,
  templates: readonly UnusedTemplate[],
): Promise<Removal<UnusedTemplate>[]> {
  return removeEach(templates, ({ database, oid, hash }) =>
    ifFree(server, hash, async () => {
      const all = await marks(server);
      const found = all.find((one) => one.name === database && one.oid === oid);
      if (!found) return undefined;
      if (found.sessions > 0) return 'it has open sessions';
      if (isUsed(database, all)) return 'it has a clone by now';
      await dropDatabaseNow(server, database);
      return undefined;
    }),
  );
}

type OrphanDatabase = Exclude<Orphan, { kind: 'role' | 'folder' }>;

async function removeOrphan(
  server: Server,
  { kind, database, oid }: OrphanDatabase,
  force: boolean,
): Promise<string | undefined> {
  const found = (await marks(server)).find(({ name }) => name === database);
  if (!found) return undefined;
  if (found.oid !== oid) return 'it has been replaced since';
  if (found.sessions > 0 && !force) return 'it has open sessions';
  switch (kind) {
    case 'clone':
      return removeClone(server, found);
    case 'snapshot':
      if (found.mark?.kind !== 'snapshot') return 'it is in use by now';
      await dropDatabaseNow(server, database);
      return undefined;
    case 'build':
      return removeBuild(server, found);
    case 'broken':
      await dropDatabaseNow(server, database);
      return undefined;
    case 'unmarked':
      if (found.mark || found.allowsConnections) return 'it is in use by now';
      if ((await othersAtWork(server)) > 0) return 'another command may be creating it';
      await dropDatabaseNow(server, database);
      return undefined;
    case 'closed':
      if ((await othersAtWork(server)) > 0) return 'it may be in use right now';
      return ifFree(server, database, async () => {
        await open(server, database);
        return undefined;
      });
  }
}

async function removeClone(server: Server, { name, mark }: MarkedDatabase): Promise<string | undefined> {
  if (mark?.kind !== 'clone') return 'it is in use by now';
  const { dropped } = await dropDatabase(server, { name, owner: mark });
  return dropped ? undefined : 'it belongs to another environment by now';
}

async function removeBuild(server: Server, { name, mark }: MarkedDatabase): Promise<string | undefined> {
  if (mark?.kind !== 'building') return 'it is complete by now';
  return ifFree(server, mark.hash, async () => {
    await dropDatabaseNow(server, name);
    await dropLogin(server, name, ownerRoleName(mark.app));
    return undefined;
  });
}

/** Runs `work` under the lock of that name, or reports that the lock is held, without waiting for it. */
async function ifFree(
  server: Server,
  name: string,
  work: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const key = [lockKey(name)];
  const [got] = await server.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', key);
  if (!got?.free) return 'it is in use right now';
  try {
    return await work();
  } finally {
    await server.query('SELECT pg_advisory_unlock($1)', key);
  }
}

/** Objects that it still owns go to the role of which it is a member. */
async function removeRole(server: Server, role: string): Promise<string | undefined> {
  const [database] = await server.query('SELECT FROM pg_database WHERE datname = $1', [role]);
  if (database) return 'it has a database by now';
  const [owner] = await server.query<{ name: string }>(
    `SELECT owner.rolname AS name FROM pg_auth_members JOIN pg_roles owner ON owner.oid = roleid
       JOIN pg_roles login ON login.oid = member WHERE login.rolname = $1 AND NOT owner.rolcanlogin`,
    [role],
  );
  return ifFree(server, role, async () => {
    await dropLogin(server, role, owner?.name ?? server.login.user);
    return undefined;
  });
}

/**
 * Deletes the folder of a database that does not exist. The lock keeps out CREATE DATABASE, which creates the
 * folder before its row is visible; if one is running now, the folder waits for the next sweep. The
 * checkpoint comes first: the server panics if a file that it still has to sync is gone.
 */
async function removeFolder(server: Server, oid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(oid) || oid < firstUserOid)
    throw new Error(`not the folder of a database: ${oid}`);
  await server.query('CHECKPOINT');
  try {
    await server.query('BEGIN; LOCK TABLE pg_database IN SHARE MODE NOWAIT');
    const stray = (await strayFolders(server)).some((folder) => folder.oid === oid);
    // The server runs it in its data folder.
    if (stray) await server.query(`COPY (SELECT WHERE false) TO PROGRAM 'rm -rf -- base/${oid}'`);
    return undefined;
  } catch (error) {
    if (isRefusal(error, '55P03')) return 'a database is being created or dropped';
    throw error;
  } finally {
    await server.query('ROLLBACK');
  }
}
