import type { Access } from '../../resources/database/secret.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { addressOf } from './address.ts';
import { ownLogin } from './environment-login.ts';

/** Address of a database for programs. The URL contains the password. */
export interface DatabaseUrl {
  readonly url: string;
  /** A port of 127.0.0.1 that is open only while `work` runs. */
  readonly forwardedPort?: number;
}

/**
 * Runs `work` with the URL of an environment's database: for this machine, or with `cluster` for pods. Throws what
 * naming and reaching throw.
 */
export async function withDatabaseUrl<T>(
  target: Target,
  { cluster }: { readonly cluster: boolean },
  ports: Ports,
  work: (found: DatabaseUrl) => Promise<T>,
): Promise<T> {
  const name = await nameEnvironment(target, ports.cwd);
  const connection = await connectCluster();
  return callCluster(connection.record, async () => {
    const login = await ownLogin(connection.kube, name);
    if (cluster) return work({ url: login.url });
    const address = await addressOf(connection, login.host, ports.env);
    try {
      const url = urlAt(login, address);
      return await work(address.kind === 'forwarded' ? { url, forwardedPort: address.port } : { url });
    } finally {
      await address.close();
    }
  });
}

/** The same login at another address. */
export function urlAt(
  { url }: Pick<Access, 'url'>,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const here = new URL(url);
  here.hostname = host.includes(':') ? `[${host}]` : host;
  here.port = String(port);
  return here.href;
}
