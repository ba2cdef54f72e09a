import { readFile } from 'node:fs/promises';
import type { SecretSource } from '../../../config/settings/values.ts';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import type { ManagedTemporal, TemporalTls } from '../place.ts';
import type { Frontend } from '../types.ts';

/**
 * How to reach a server that is not ours, with files and variables that the settings name already read. `env`: where
 * variables are looked up. An API key implies TLS. Throws COPPICE_MANAGED_TEMPORAL, which never contains a key.
 */
export async function managedFrontend(place: ManagedTemporal, env: NodeJS.ProcessEnv): Promise<Frontend> {
  const { address, tls, apiKey } = place;
  const key = apiKey && (await apiKeyOf(apiKey, env));
  return {
    address,
    ...(tls || key !== undefined ? { tls: await texts(tls ?? {}) } : {}),
    ...defined({ apiKey: key }),
  };
}

/**
 * `host:port` where pods reach that server. Throws COPPICE_MANAGED_TEMPORAL when this machine reaches it on its own
 * loopback, which pods do not share, and the settings name no other address.
 */
export function managedAddress({ address, cluster }: ManagedTemporal): string {
  if (cluster !== undefined) return cluster;
  const host = address.slice(0, address.lastIndexOf(':'));
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.'))
    throw new CoppiceError(
      'COPPICE_MANAGED_TEMPORAL',
      `this machine reaches the managed Temporal at ${address}, where no pod can reach it`,
      { hint: 'set the address for pods: `temporal.managed.cluster` in the settings' },
    );
  return address;
}

async function apiKeyOf(from: SecretSource, env: NodeJS.ProcessEnv): Promise<string> {
  const what = 'the API key of the managed Temporal';
  const setting = 'apiKey';
  const where = 'env' in from ? `the variable ${from.env}` : from.file;
  const text = 'env' in from ? env[from.env] : await textOf(from.file, what, setting);
  const key = text?.trim() ?? '';
  if (key === '') throw managedTemporalError(`${where}, which holds ${what}, is not set`, setting);
  // The client's own error would show a value that a header cannot carry.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw managedTemporalError(
      `${where} holds no API key: it is one word, without "Bearer" before it`,
      setting,
    );
  return key;
}

async function texts({ serverName, ca, cert, key }: TemporalTls): Promise<NonNullable<Frontend['tls']>> {
  const [caText, certText, keyText] = await Promise.all([
    pem(ca, 'CERTIFICATE', "the authority of the managed Temporal's certificate", 'tls.ca'),
    pem(cert, 'CERTIFICATE', 'our certificate for the managed Temporal', 'tls.cert'),
    pem(key, 'PRIVATE KEY', 'the private key for the managed Temporal', 'tls.key'),
  ]);
  return {
    ...defined({ serverName, ca: caText, cert: certText, key: keyText }),
  };
}

async function pem(
  file: string | undefined,
  kind: string,
  what: string,
  setting: string,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await textOf(file, what, setting);
  // `EC PRIVATE KEY`, `RSA PRIVATE KEY` and `TRUSTED CERTIFICATE` are valid too.
  if (new RegExp(`-----BEGIN ([A-Z]+ )?${kind}-----`).test(text)) return text;
  throw managedTemporalError(
    `${file}, which holds ${what}, has no PEM block of a ${kind.toLowerCase()}`,
    setting,
  );
}

async function textOf(file: string, what: string, setting: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw managedTemporalError(`${file}, which holds ${what}: ${messageOf(cause)}`, setting, cause);
  }
}

function managedTemporalError(message: string, setting: string, cause?: unknown): CoppiceError {
  return new CoppiceError('COPPICE_MANAGED_TEMPORAL', message, {
    hint: `it is named in the settings, \`temporal.managed.${setting}\``,
    ...defined({ cause }),
  });
}
