import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../config/errors.ts';
import { environmentName } from '../../config/names.ts';
import type { EnvironmentName } from '../environment/target.ts';

/** What the Secret `database` of an environment holds: its own login, as its pods have it. */
export interface EnvironmentLogin {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

/** Throws COPPICE_NO_DATABASE when the environment has none. */
export async function environmentLogin(kube: Kube, environment: EnvironmentName): Promise<EnvironmentLogin> {
  const { namespace } = environment;
  const secret = await unlessGone(kube.core.readNamespacedSecret({ namespace, name: 'database' }));
  const text = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8');
  const login = { url: text('url'), host: text('host'), name: text('name'), user: text('user') };
  if (!login.url || !login.host) throw noDatabase(environment);
  return { ...login, port: Number(text('port')), password: text('password') };
}

export function noDatabase({ app, slug }: EnvironmentName): CoppiceError {
  return new CoppiceError('COPPICE_NO_DATABASE', `${environmentName(app, slug)} has no PostgreSQL database`, {
    hint: 'wt up makes it, if its coppice.yaml has `database:`',
  });
}

/** The same login at another address. */
export function urlAt(
  { user, password, name }: Pick<EnvironmentLogin, 'user' | 'password' | 'name'>,
  { host, port, ssl }: { readonly host: string; readonly port: number; readonly ssl: boolean },
): string {
  const part = encodeURIComponent;
  const at = host.includes(':') ? `[${host}]` : host;
  return `postgresql://${part(user)}:${part(password)}@${at}:${port}/${part(name)}${ssl ? '?sslmode=require' : ''}`;
}
