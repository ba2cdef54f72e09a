import { loadSettings } from '../../config/settings/settings.ts';
import { platformNamespace } from '../../core/labels.ts';
import { managedLogin, platformPostgres } from '../../servers/postgres/reach.ts';
import type { Connection } from '../clusters/connection.ts';

/** How this machine reaches a database server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Only with TLS. */
  readonly ssl: boolean;
  /** `forwarded`: only as long as this process holds it open. */
  readonly kind: 'published' | 'forwarded' | 'managed';
  close(): Promise<void>;
}

/**
 * The platform's server on its own port of 127.0.0.1, or else through the Kubernetes API; a managed server at the
 * address in the settings. `host` is the server's name in the cluster. Throws COPPICE_PORT_FORWARD,
 * COPPICE_MANAGED_DATABASE.
 */
export async function addressOf(
  { kube, record }: Connection,
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<Address> {
  const close = async () => {};
  if (host !== platformPostgres.host) {
    const managed = (await loadSettings()).databases?.managed;
    if (managed) {
      const { host, port, ssl = false } = await managedLogin(managed.url, env);
      return { host, port, ssl, kind: 'managed', close };
    }
  } else if (record.postgres) {
    return { host: '127.0.0.1', port: record.postgres.port, ssl: false, kind: 'published', close };
  }
  const { forwardPort } = await import('../../cluster/kube/port-forward.ts');
  const forwarded = await forwardPort(kube, {
    namespace: platformNamespace,
    service: platformPostgres.service,
    port: platformPostgres.port,
  });
  return { host: '127.0.0.1', port: forwarded.port, ssl: false, kind: 'forwarded', close: forwarded.close };
}
