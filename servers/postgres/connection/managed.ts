import { readFile } from 'node:fs/promises';
import type { SecretSource } from '../../../config/settings/values.ts';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import type { PostgresAddress } from '../place.ts';
import type { Login } from '../types.ts';

/** Values of libpq's `sslmode`; https://www.postgresql.org/docs/18/libpq-ssl.html */
const plain = ['disable', 'allow', 'prefer'];
const encrypted = ['require', 'verify-ca', 'verify-full'];

/**
 * The login of a server that is not ours: `postgres://user:password@host:port/database?sslmode=require`. The
 * path is the database for work on the server itself. Throws COPPICE_MANAGED_DATABASE, which never contains
 * the URL.
 */
export async function managedLogin(from: SecretSource, env: NodeJS.ProcessEnv): Promise<Login> {
  const where = 'env' in from ? `the variable ${from.env}` : from.file;
  const text = 'env' in from ? env[from.env] : await textOf(from.file);
  if (!text?.trim())
    throw managedDatabaseError(`${where}, which holds the URL of the managed PostgreSQL, is not set`);
  // An invalid URL is not shown: it may contain the password all the same.
  if (!URL.canParse(text.trim())) throw managedDatabaseError(`${where} holds no URL`);
  const url = new URL(text.trim());
  if (!['postgres:', 'postgresql:'].includes(url.protocol))
    throw managedDatabaseError(`${where} holds a URL of ${url.protocol}, not of postgres:`);
  if (!url.hostname || !url.username)
    throw managedDatabaseError(`the URL in ${where} names no host or no user`);
  const sslmode = url.searchParams.get('sslmode') ?? 'prefer';
  if (![...plain, ...encrypted].includes(sslmode))
    throw managedDatabaseError(`the URL in ${where} asks for sslmode=${sslmode}, which is unknown`);
  const maintenance = decodeURIComponent(url.pathname.slice(1));
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(maintenance === '' ? {} : { maintenance }),
    ...(encrypted.includes(sslmode) ? { ssl: true } : {}),
  };
}

/**
 * Where pods reach that server. Throws COPPICE_MANAGED_DATABASE when this machine reaches it on its own
 * loopback, which pods do not share, and the settings name no other address.
 */
export function managedAddress({ host, port }: Login, inCluster?: PostgresAddress): PostgresAddress {
  if (inCluster) return inCluster;
  if (host === 'localhost' || host === '::1' || host.startsWith('127.'))
    throw new CoppiceError(
      'COPPICE_MANAGED_DATABASE',
      `this machine reaches the managed PostgreSQL at ${host}, where no pod can reach it`,
      { hint: 'set the address for pods: `databases.managed.cluster` in the settings' },
    );
  return { host, port };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw managedDatabaseError(
      `${file}, which holds the URL of the managed PostgreSQL: ${messageOf(cause)}`,
      cause,
    );
  }
}

function managedDatabaseError(message: string, cause?: unknown): CoppiceError {
  return new CoppiceError('COPPICE_MANAGED_DATABASE', message, {
    hint: 'it is named in the settings, `databases.managed.url`: postgres://user:password@host:5432/postgres',
    ...defined({ cause }),
  });
}
