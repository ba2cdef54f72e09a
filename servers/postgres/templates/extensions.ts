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

/**
 * Creates extensions in the connection's database: trusted ones as the owner, so that a restored dump may
 * comment on them, others as the login itself. On a server that is not ours its own rules decide about the
 * latter. Throws COPPICE_EXTENSION with the allowed and available ones.
 */
export async function createExtensions(
  database: Server,
  owner: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const available = await database.query<Available>(
    `SELECT name, coalesce(bool_or(v.trusted), false) AS trusted FROM pg_available_extensions
       LEFT JOIN pg_available_extension_versions v USING (name) GROUP BY name ORDER BY name`,
  );
  const [row] = await database.query<{ superuser: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS superuser`,
  );
  const may = ({ name, trusted }: Available) => trusted || name in allowed || !row?.superuser;
  const refused = names.filter((name) => !available.some((found) => found.name === name && may(found)));
  if (refused.length > 0) throw extensionError(refused, available, may);
  for (const name of names) {
    const trusted = available.find((found) => found.name === name)?.trusted;
    await database
      .query(
        `${trusted ? `SET LOCAL ROLE ${escapeIdentifier(owner)};` : ''}
         CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)} CASCADE`,
      )
      .catch((error: unknown) => {
        throw isRefusal(error, '42501') ? extensionError([name], available, may, error) : error;
      });
  }
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
