import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { MigrationFile } from '../../../config/plan/environment-plan.ts';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { cleanUp } from '../clones/clean-up.ts';
import { cloneDatabase, diskFull, dropDatabaseNow } from '../clones/clone.ts';
import { sourceFacts } from '../connection/facts.ts';
import { preparedTransactions } from '../connection/prepared.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { endSessions, open, seal } from '../connection/sessions.ts';
import { readMark, writeMark } from '../marks/mark.ts';
import { buildName, snapshotName } from '../marks/private-names.ts';
import { closeServer, dropLogin, grantAccess, suspendLogin } from '../roles/roles.ts';
import type { CommandRun, Mark, TemplateRequest } from '../types.ts';
import { createExtensions } from './extensions.ts';

export type TemplateMark = Extract<Mark, { kind: 'template' }>;

/** One template to build. */
export interface Stage {
  readonly stage: TemplateMark['stage'];
  /** Its name once it is complete. */
  readonly name: string;
  readonly hash: string;
  readonly migrations: readonly MigrationFile[];
  /** Hash of everything but the migrations. */
  readonly base?: string;
  /** The database to start from. */
  readonly from: string;
  /** The template of the restored dump that its content comes from. */
  readonly source?: string;
  /** `from` is a template with fewer migrations. */
  readonly grows?: boolean;
  /** Fills it, as a login role that may change this database and no other. */
  readonly fill: (as: Omit<CommandRun, 'kind' | 'session' | 'signal'>) => Promise<Filled>;
}

/** What filling it says about its content. */
export type Filled = Pick<TemplateMark, 'leftOut'>;

/**
 * Builds a template under a private name and renames it last: a template with its final name is complete,
 * whenever this process or the server dies, and an existing one stays until then. The caller holds the lock
 * of its hash, and `held` throws once that is lost. Leftovers of an interrupted build are dropped first,
 * those of a failing one at once.
 */
export async function buildTemplate(
  server: Server,
  request: Pick<TemplateRequest, 'app' | 'owner' | 'extensions'>,
  stage: Stage,
  held: () => Promise<unknown>,
): Promise<TemplateMark> {
  const database = buildName(request.app, stage.hash);
  await closeServer(server);
  await dropBuild(server, database, request.owner);
  try {
    return await build(server, database, request, stage, held);
  } catch (error) {
    await cleanUp(server, (usable) => dropBuild(usable, database, request.owner), stage.hash);
    throw diskFull(error);
  }
}

async function build(
  server: Server,
  database: string,
  { app, owner, extensions }: Pick<TemplateRequest, 'app' | 'owner' | 'extensions'>,
  { stage, name, hash, migrations, base, from, source, grows, fill }: Stage,
  held: () => Promise<unknown>,
): Promise<TemplateMark> {
  const start = performance.now();
  await cloneDatabase(server, { from, to: database, sessions: 'end' });
  const startedAt = new Date().toISOString();
  await writeMark(server, database, { coppice: 1, kind: 'building', app, hash, startedAt });
  const password = randomBytes(24).toString('hex');
  await grantAccess(server, { database, login: database, password, owner });
  await open(server, database);
  let leftPrepared: readonly string[] = [];
  let filled: Filled = {};
  await within(server, database, async (inside) => {
    await inside.query(giveSchema(owner));
    await createExtensions(inside, owner, extensions);
  });
  try {
    filled = await fill({ database, user: database, password });
  } finally {
    // With one, an unfinished database could not even be dropped.
    leftPrepared = await rollBackPrepared(server, database);
  }
  if (leftPrepared.length > 0) throw leftPreparedError(leftPrepared);
  await suspendLogin(server, database);
  await endSessions(server, database);
  // Freezing sets hint bits: otherwise the first reader of every clone would write, and so unshare, the
  // blocks that it reads.
  await within(server, database, (inside) => inside.query('VACUUM (FREEZE, ANALYZE)'));
  await dropLogin(server, database, owner);
  await seal(server, database);
  await endSessions(server, database);
  await checkpoint(server);
  const mark: TemplateMark = {
    coppice: 1,
    kind: 'template',
    app,
    hash,
    stage,
    migrations,
    ...defined({ source, base }),
    ...filled,
    ...(grows && { grownFrom: from }),
    builtAt: new Date().toISOString(),
    buildMilliseconds: Math.round(performance.now() - start),
    ...(await sourceFacts(server, database)),
  };
  await writeMark(server, database, mark);
  // If the lock was lost, another build of this template may have begun, which would have dropped this one.
  await held();
  await giveName(server, database, mark, name);
  return mark;
}

/** Identifiers of the prepared transactions that were there. */
async function rollBackPrepared(server: Server, database: string): Promise<string[]> {
  const found = (await preparedTransactions(server, database)).map(({ gid }) => gid);
  if (found.length === 0) return [];
  await within(server, database, async (inside) => {
    for (const gid of found) await inside.query(`ROLLBACK PREPARED ${escapeLiteral(gid)}`);
  });
  return found;
}

function leftPreparedError(gids: readonly string[]): CoppiceError {
  return new CoppiceError(
    'COPPICE_DATABASE_PREPARED',
    `the migrations or the seed left the prepared transaction ${gids.join(', ')}, which was rolled back`,
    { hint: 'let the command end it with COMMIT PREPARED' },
  );
}

/**
 * Renames in the same transaction as the template that had the name, if any: a clone finds the old one or the
 * new one, never none. The old one is dropped afterwards; its mark lets a sweep find it too.
 */
async function giveName(server: Server, database: string, mark: TemplateMark, name: string): Promise<void> {
  const old = snapshotName();
  const [build, final, aside] = [escapeIdentifier(database), escapeIdentifier(name), escapeIdentifier(old)];
  const replaces = (await readMark(server, name))?.kind === 'template';
  if (replaces) {
    await seal(server, name);
    await endSessions(server, name);
  }
  const { app, hash } = mark;
  const over: Mark = { coppice: 1, kind: 'building', app, hash, startedAt: mark.builtAt };
  await server.query(
    [
      ...(replaces
        ? [
            `ALTER DATABASE ${final} RENAME TO ${aside}`,
            `COMMENT ON DATABASE ${aside} IS ${escapeLiteral(JSON.stringify(over))}`,
          ]
        : []),
      `ALTER DATABASE ${build} IS_TEMPLATE true`,
      `ALTER DATABASE ${build} RENAME TO ${final}`,
    ].join(';\n'),
  );
  if (replaces) await cleanUp(server, (usable) => dropDatabaseNow(usable, old));
}

async function dropBuild(server: Server, database: string, owner: string): Promise<void> {
  await dropDatabaseNow(server, database);
  await dropLogin(server, database, owner);
}

async function within(
  server: Server,
  database: string,
  work: (inside: Server) => Promise<unknown>,
): Promise<void> {
  const inside = await server.in(database);
  await work(inside).finally(inside.close);
}

/** The schema `public` of a new database belongs to the database's owner, not to the owner of the objects. */
export function giveSchema(owner: string): string {
  return `DO $give$ BEGIN
    IF to_regnamespace('public') IS NOT NULL THEN ALTER SCHEMA public OWNER TO ${escapeIdentifier(owner)}; END IF;
  END $give$`;
}

/** So that the checkpoint at the start of a file copy has nothing to write. */
async function checkpoint(server: Server): Promise<void> {
  await server.query('CHECKPOINT').catch((error: unknown) => {
    if (!isRefusal(error, '42501')) throw error;
  });
}
