import { type References, resolveReferences } from '../spec/references/references.ts';
import { refersToSecret, resolveAroundSecrets } from '../spec/references/secret-text.ts';

export interface Variables {
  /** Every reference resolved. */
  readonly env: Readonly<Record<string, string>>;
  /** Those that contain something only the cluster knows, see {@link resolveAroundSecrets}. */
  readonly secretEnv: Readonly<Record<string, string>>;
}

/** The environment variables of a spec, public and secret. */
export function planVariables(written: Readonly<Record<string, string>>, table: References): Variables {
  const env: Record<string, string> = {};
  const secretEnv: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    if (refersToSecret(value, table)) secretEnv[name] = resolveAroundSecrets(value, table);
    else env[name] = resolveReferences(value, table);
  }
  return { env, secretEnv };
}
