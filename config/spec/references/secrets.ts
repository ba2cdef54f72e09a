/**
 * The Secrets in an environment's namespace that carry to its pods what only the cluster knows, and their keys: a spec
 * refers to them as `${database.url}`, `${temporal.apiKey}`.
 */
export const secretKeys = {
  /** Filled by `coppice:index:Database`. */
  database: ['url', 'host', 'port', 'name', 'user', 'password'],
  /**
   * Filled by `coppice:index:TemporalNamespace` if the server is managed. All keys always exist, empty if the settings
   * do not set them: a pod that refers to a missing key would never start.
   */
  temporal: ['address', 'namespace', 'tls', 'apiKey', 'clientCert', 'clientKey', 'serverCa'],
} as const;

export type SecretName = keyof typeof secretKeys;
export type DatabaseKey = (typeof secretKeys.database)[number];
export type TemporalKey = (typeof secretKeys.temporal)[number];

/** A key of one of the Secrets. */
export interface SecretReference {
  readonly secret: SecretName;
  readonly key: string;
}

/** The key behind a name such as `database.url`; undefined for a name that is not a key of a Secret. */
export function secretReference(name: string): SecretReference | undefined {
  const secret = (Object.keys(secretKeys) as SecretName[]).find((section) => name.startsWith(`${section}.`));
  if (secret === undefined) return undefined;
  const key = secretKeys[secret].find((known) => name === `${secret}.${known}`);
  return key && { secret, key };
}
