import { escapeIdentifier } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { isRefusal, type Server } from '../connection/server.ts';

/**
 * Extensions that are not trusted (any database owner may create a trusted one) but give no access beyond
 * their own database. All others that need a superuser do: they read files, run programs or load code.
 */
const allowed: Readonly<Record<string, string>> = {
  pg_stat_statements: 'shows statements of other databases only to members of pg_read_all_stats',
  pgstattuple: 'only counts, and only for members of pg_stat_scan_tables',
  postgis: 'types and functions on the own data',
  vector: 'types and functions on the own data',
};

interface Available {
  readonly name: string;
  readonly trusted: boolean;
}

export interface Extension {
  readonly name: string;
  /** Where its objects lie; `public` when absent. */
  readonly schema?: string;
}

/** Creates extensions as {@link createExtension} does, and refuses all at once. */
export async function createExtensions(
  database: Server,
  owner: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const rules = await rulesOf(database);
  requireAllowed(names, rules);
  for (const name of names) await create(database, owner, { name }, rules);
}

/**
 * Creates an extension in the connection's database: a trusted one as the owner, so that a restored dump may comment
 * on it, others as the login itself. On a server that is not ours its own rules decide about the latter. Throws
 * COPPICE_EXTENSION with the allowed and available ones.
 */
export async function createExtension(database: Server, owner: string, extension: Extension): Promise<void> {
  const rules = await rulesOf(database);
  requireAllowed([extension.name], rules);
  await create(database, owner, extension, rules);
}

/** Why an extension cannot be created, for people; undefined when it can. */
export async function whyNoExtension(database: Server, name: string): Promise<string | undefined> {
  const { available, may } = await rulesOf(database);
  const found = available.find((one) => one.name === name);
  if (!found) return 'it is not installed here';
  return may(found) ? undefined : 'it could reach beyond its own database';
}

interface Rules {
  readonly available: readonly Available[];
  readonly may: (extension: Available) => boolean;
}

async function rulesOf(database: Server): Promise<Rules> {
  const available = await database.query<Available>(
    `SELECT name, coalesce(bool_or(v.trusted), false) AS trusted FROM pg_available_extensions
       LEFT JOIN pg_available_extension_versions v USING (name) GROUP BY name ORDER BY name`,
  );
  const [row] = await database.query<{ superuser: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS superuser`,
  );
  return { available, may: ({ name, trusted }) => trusted || name in allowed || !row?.superuser };
}

function requireAllowed(names: readonly string[], { available, may }: Rules): void {
  const refused = names.filter((name) => !available.some((found) => found.name === name && may(found)));
  if (refused.length > 0) throw extensionError(refused, available, may);
}

async function create(
  database: Server,
  owner: string,
  { name, schema }: Extension,
  { available, may }: Rules,
): Promise<void> {
  const trusted = available.find((found) => found.name === name)?.trusted;
  const place = schema === undefined ? '' : ` SCHEMA ${escapeIdentifier(schema)}`;
  await database
    .query(
      `${trusted ? `SET LOCAL ROLE ${escapeIdentifier(owner)};` : ''}
       CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)}${place} CASCADE`,
    )
    .catch((error: unknown) => {
      throw isRefusal(error, '42501') ? extensionError([name], available, may, error) : error;
    });
}

function extensionError(
  refused: readonly string[],
  available: readonly Available[],
  may: (extension: Available) => boolean,
  cause?: unknown,
): CoppiceError {
  const there = refused.filter((name) => available.some((found) => found.name === name));
  const why = refused.map((name) =>
    there.includes(name)
      ? `extension ${name} is not allowed: it could reach beyond its own database`
      : `extension ${name} is not installed on this server`,
  );
  const names = available.filter((found) => may(found) && !refused.includes(found.name));
  return new CoppiceError('COPPICE_EXTENSION', why.join('\n'), {
    hint: `allowed and installed: ${names.map(({ name }) => name).join(', ') || 'none'}`,
    cause,
  });
}
