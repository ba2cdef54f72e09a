import { escapeIdentifier, escapeLiteral } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { sha256 } from '../../../core/hash.ts';
import type { Owner } from '../../../core/owner.ts';
import { withServerLock } from '../connection/lock.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { open } from '../connection/sessions.ts';
import { writeMark } from '../marks/mark.ts';
import { buildName, longestIdentifier } from '../marks/private-names.ts';
import { type CloneMark, type DatabaseState, databaseState } from '../marks/state.ts';
import { changedMigrations, hasMigrationsToRun } from '../migrations/migrations.ts';
import { closeServer, grantAccess } from '../roles/roles.ts';
import { createExtensions } from '../templates/extensions.ts';
import { recordUse } from '../templates/last-use.ts';
import { runCommand } from '../templates/run-command.ts';
import { ensureTemplate, type Template } from '../templates/template.ts';
import type { Mark, TemplateRequest, Work } from '../types.ts';
import { cleanUp } from './clean-up.ts';
import { cloneDatabase, dropDatabaseNow } from './clone.ts';

export interface DatabaseRequest {
  /** Name of the database and of its login role. */
  readonly name: string;
  /** Password of the login role, ASCII. */
  readonly password: string;
  readonly owner: Owner;
  readonly template: TemplateRequest;
}

export interface EnsuredDatabase {
  readonly mark: CloneMark;
  /** False when it existed already. */
  readonly created: boolean;
  /** Whether the template had to be built first. */
  readonly built: boolean;
  /** Migrations that this call ran on it, by path. */
  readonly migrated: readonly string[];
}

/**
 * The environment's database: cloned from its template, or adopted, with its rights and password repaired and
 * missing extensions and migrations added. Throws COPPICE_CLAIMED, COPPICE_MIGRATIONS_CHANGED, and what
 * {@link ensureTemplate} throws.
 */
export async function ensureDatabase(
  server: Server,
  request: DatabaseRequest,
  work: Work,
): Promise<EnsuredDatabase> {
  const { name } = request;
  // PostgreSQL truncates longer names without an error, so that two names could mean one database.
  if (Buffer.byteLength(name) > longestIdentifier) throw new Error(`${name} is longer than 63 bytes`);
  const ensure = async () => {
    const state = await databaseState(server, request);
    switch (state.kind) {
      case 'foreign':
        throw claimedError(request, state.mark);
      case 'broken':
        await dropDatabaseNow(server, name);
        return create(server, request, work);
      case 'absent':
        return create(server, request, work);
      case 'ours':
        return adopt(server, request, state, work);
    }
  };
  return withServerLock(server, name, ensure, (who) => work.progress?.(who ?? `waiting for ${name}`));
}

async function create(server: Server, request: DatabaseRequest, work: Work): Promise<EnsuredDatabase> {
  await closeServer(server);
  const template = await ensureTemplate(server, request.template, work);
  try {
    return await createFrom(server, request, template);
  } catch (error) {
    if (!isRefusal(error, '3D000')) throw error;
    // It was removed since, as nothing used it yet.
    return await createFrom(server, request, await ensureTemplate(server, request.template, work));
  }
}

/**
 * Uses a private name until rights and mark are set; they appear with the final name in one transaction: if
 * the server dies before, nothing exists under that name.
 */
async function createFrom(
  server: Server,
  request: DatabaseRequest,
  template: Template,
): Promise<EnsuredDatabase> {
  const { name, owner } = request;
  const database = buildName(owner.app, sha256(name, 16));
  await dropDatabaseNow(server, database);
  try {
    return await createAs(server, database, request, template);
  } catch (error) {
    await cleanUp(server, (usable) => dropDatabaseNow(usable, database), name);
    throw error;
  }
}

async function createAs(
  server: Server,
  database: string,
  { name, password, owner, template: { owner: objects, extensions } }: DatabaseRequest,
  template: Template,
): Promise<EnsuredDatabase> {
  const cloned = await cloneDatabase(server, {
    from: template.name,
    to: database,
    source: template.mark,
    sessions: 'end',
  });
  const createdAt = new Date().toISOString();
  // Its lock is the one of the environment's database, which the caller holds.
  const building: Mark = { coppice: 1, kind: 'building', app: owner.app, hash: name, startedAt: createdAt };
  await writeMark(server, database, building);
  await grantAccess(server, { database, login: name, password, owner: objects });
  const mark: CloneMark = {
    coppice: 1,
    kind: 'clone',
    template: template.name,
    migrations: template.mark.migrations,
    ...cloned,
    extensions,
    createdAt,
    origin: { kind: 'template' },
    ...owner,
  };
  const [from, to] = [escapeIdentifier(database), escapeIdentifier(name)];
  await server.query(
    `COMMENT ON DATABASE ${from} IS ${escapeLiteral(JSON.stringify(mark))};
     ALTER DATABASE ${from} RENAME TO ${to};
     ALTER DATABASE ${to} ALLOW_CONNECTIONS true`,
  );
  await recordUse(server, template.name);
  return { mark, created: true, built: template.built, migrated: [] };
}

async function adopt(
  server: Server,
  { name, password, owner, template }: DatabaseRequest,
  { mark, change, extensions }: Extract<DatabaseState, { kind: 'ours' }>,
  work: Work,
): Promise<EnsuredDatabase> {
  const changed = changedMigrations(name, change, template.rules);
  if (changed) throw changed;
  await closeServer(server);
  await grantAccess(server, { database: name, login: name, password, owner: template.owner });
  await open(server, name);
  if (extensions.length > 0) {
    const inside = await server.in(name);
    await createExtensions(inside, template.owner, extensions).finally(inside.close);
  }
  if (hasMigrationsToRun(change)) {
    work.progress?.(`migrating ${name}`);
    await runCommand(server, work, { kind: 'migrate', database: name, user: name, password });
  }
  // Only now: a migration that failed runs again with the next call.
  const { migrations = mark.migrations, extensions: wanted } = template;
  const now = { ...mark, ...owner, migrations, extensions: wanted };
  await writeMark(server, name, now);
  return { mark: now, created: false, built: false, migrated: [...change.added, ...change.again] };
}

function claimedError({ name, owner }: DatabaseRequest, mark: Mark | undefined): CoppiceError {
  if (mark?.kind !== 'clone') {
    return new CoppiceError(
      'COPPICE_CLAIMED',
      `database ${name} exists but was not created for an environment`,
      {
        hint: 'rename that database, or give the environment another name with `--as NAME`',
      },
    );
  }
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `database ${name} belongs to branch ${mark.branch} of ${mark.repository}, ` +
      `but branch ${owner.branch} of ${owner.repository} asks for it`,
    { hint: 'give the environment another name with `--as NAME`' },
  );
}
