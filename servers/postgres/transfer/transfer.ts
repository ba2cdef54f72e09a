import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { ownerRoleName } from '../../../core/names.ts';
import { presentClone, replaceDatabase } from '../clones/replace.ts';
import { withServerLock } from '../connection/lock.ts';
import type { Server } from '../connection/server.ts';
import { endSessions, open, seal } from '../connection/sessions.ts';
import type { CloneMark } from '../marks/state.ts';
import { closeServer, grantAccess, suspendLogin } from '../roles/roles.ts';
import { copyPrivately, orDrop } from '../snapshots/snapshots.ts';
import { giveSchema } from '../templates/build.ts';
import { createExtensions } from '../templates/extensions.ts';
import { type Content, contentsOf, differences, extensionsOf, type PresentExtension } from './contents.ts';

/** A database that moves to another server. */
export interface TransferredDatabase {
  readonly name: string;
  /** Its mark on the old server: owner and migrations. */
  readonly mark: CloneMark;
  readonly extensions: readonly PresentExtension[];
  /** Its contents at the moment of the dump. */
  readonly contents: readonly Content[];
  /** Logical bytes. */
  readonly bytes: number;
}

/** Makes a dump: of the database as it was in this PostgreSQL snapshot. */
export type Dump = (snapshot: string) => Promise<void>;

/** A login that may fill one database and no other. */
export interface FillLogin {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Schemas that exist already because extensions need them. */
  readonly schemas: readonly string[];
}

/**
 * Has a database dumped, and reads its contents at the same moment. From then on it has no other sessions:
 * its login is suspended until {@link allowLogin} or the next `wt up`. Throws COPPICE_DATABASE_IN_USE.
 */
export async function dumpForTransfer(
  server: Server,
  { name, mark, bytes }: Pick<TransferredDatabase, 'name' | 'mark' | 'bytes'>,
  dump: Dump,
): Promise<TransferredDatabase> {
  await suspendLogin(server, name);
  await endSessions(server, name);
  const inside = await server.in(name);
  try {
    const extensions = await extensionsOf(inside);
    await inside.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const [exported] = await inside.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    await dump(exported?.id ?? '');
    return { name, mark, bytes, extensions, contents: await contentsOf(inside) };
  } finally {
    await inside.close();
  }
}

/** Restores the login of a database that did not move after all. Does nothing when there is no such role. */
export async function allowLogin(server: Server, name: string): Promise<void> {
  const [role] = await server.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (role) await server.query(`ALTER ROLE ${escapeIdentifier(name)} LOGIN`);
}

/**
 * Recreates a database from another server: filled and compared under a private name, then renamed in one
 * transaction. A database of that name here becomes a snapshot; one with the same contents is left as it is.
 * `from`: the driver of the old cluster. Throws COPPICE_MIGRATED_DIFFERS, COPPICE_CLAIMED, and what `fill`
 * throws; then nothing has changed.
 */
export async function restoreTransferred(
  server: Server,
  carried: TransferredDatabase,
  from: string,
  fill: (filling: FillLogin) => Promise<void>,
): Promise<void> {
  const { name, mark } = carried;
  await closeServer(server);
  await withServerLock(server, name, async () => {
    if (await isThere(server, carried)) return;
    const began = performance.now();
    const { database } = await copyPrivately(server, { from: 'template0', lock: name, app: mark.app });
    await orDrop(server, database, async () => {
      await fillPrivately(server, database, carried, fill);
      const made: CloneMark = {
        ...mark,
        createdAt: new Date().toISOString(),
        origin: { kind: 'migrated', from },
        strategy: 'wal_log',
        milliseconds: Math.round(performance.now() - began),
      };
      const hint = 'stop these programs, then try again';
      await replaceDatabase(server, {
        database: name,
        by: database,
        mark: made,
        reason: 'restore',
        end: true,
        hint,
      });
    });
  });
}

/** True after a run that was interrupted between renaming the database and recording it. */
async function isThere(server: Server, { name, contents }: TransferredDatabase): Promise<boolean> {
  const present = await presentClone(server, name);
  if (present?.origin.kind !== 'migrated') return false;
  return (await within(server, name, (inside) => compare(inside, contents))).length === 0;
}

async function fillPrivately(
  server: Server,
  database: string,
  { name, mark, extensions, contents }: TransferredDatabase,
  fill: (filling: FillLogin) => Promise<void>,
): Promise<void> {
  const owner = ownerRoleName(mark.app);
  const password = randomBytes(24).toString('hex');
  await grantAccess(server, { database, login: name, password, owner });
  await open(server, database);
  const schemas = [...new Set(extensions.map(({ schema }) => schema))].filter(
    (schema) => schema !== 'public',
  );
  await within(server, database, async (inside) => {
    await inside.query(giveSchema(owner));
    for (const schema of schemas)
      await inside.query(
        `CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)} AUTHORIZATION ${escapeIdentifier(owner)}`,
      );
    for (const { name: extension, schema } of extensions) {
      await inside.query(`SET search_path = ${escapeIdentifier(schema)}`);
      await createExtensions(inside, owner, [extension]);
    }
  });
  await fill({ database, user: name, password, schemas });
  await suspendLogin(server, name);
  await endSessions(server, database);
  const differ = await within(server, database, async (inside) => {
    await inside.query('VACUUM (ANALYZE)');
    return compare(inside, contents);
  });
  if (differ.length > 0) {
    throw new CoppiceError(
      'COPPICE_MIGRATED_DIFFERS',
      [`the restored content of ${name} differs from the dump:`, ...differ.map((line) => `  ${line}`)].join(
        '\n',
      ),
      { hint: 'run it again; if it happens again, the old cluster and the dump still have everything' },
    );
  }
  await seal(server, database);
  await endSessions(server, database);
}

async function compare(inside: Server, contents: readonly Content[]): Promise<string[]> {
  return differences(contents, await contentsOf(inside));
}

async function within<T>(server: Server, database: string, work: (inside: Server) => Promise<T>): Promise<T> {
  const inside = await server.in(database);
  return work(inside).finally(inside.close);
}
