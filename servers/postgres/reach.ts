import type { Kube } from '../../cluster/kube/client.ts';
import { platformNamespace } from '../../core/labels.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import { nothingToClose, type Reached, reachPart, requireObject, withConnection } from '../reach-part.ts';
import { managedAddress, managedLogin } from './connection/managed.ts';
import { connectServer, type Server } from './connection/server.ts';
import type { PostgresAddress, PostgresPlace } from './place.ts';
import type { Login } from './types.ts';

export { managedLogin } from './connection/managed.ts';

const { service, port } = partFacts.postgres;

/** The platform's PostgreSQL: names of its Service, its Secret and its superuser. */
export const platformPostgres = {
  service,
  secret: service,
  host: hostOf('postgres'),
  port: port.service,
  user: 'postgres',
} as const;

/** A PostgreSQL server that is reached from this machine. */
export interface ReachedServer extends Reached {
  readonly login: Login;
  /** Where pods reach it. */
  readonly address: PostgresAddress;
}

/** Anything with the location of its server, such as the inputs of a resource. */
interface Place {
  readonly server: PostgresPlace;
}

/** How long to wait for a server that is starting. */
const patienceMs = 10_000;

/**
 * Runs `work` with a connection to the server itself. Waits for a server that is starting. Throws
 * COPPICE_NO_DATABASE_SERVER, COPPICE_PORT_FORWARD, COPPICE_MANAGED_DATABASE, COPPICE_DATABASE_UNREACHABLE,
 * COPPICE_INTERRUPTED.
 */
export async function withServer<T>(
  kube: Kube,
  place: Place,
  signal: AbortSignal,
  work: (server: Server, reached: ReachedServer) => Promise<T>,
): Promise<T> {
  const reached = await reachServer(kube, place);
  return withConnection(
    reached,
    () => connectServer(reached.login, signal),
    { code: 'COPPICE_DATABASE_UNREACHABLE', milliseconds: patienceMs, signal },
    (server) => work(server, reached),
  );
}

async function reachServer(kube: Kube, { server }: Place): Promise<ReachedServer> {
  if (server.kind === 'managed') {
    const login = await managedLogin(server.url, process.env);
    return { login, address: managedAddress(login, server.address), close: nothingToClose };
  }
  const password = await superuserPassword(kube);
  const { host, port, user } = platformPostgres;
  const way = await reachPart(kube, 'postgres', server.port);
  const login = { host: '127.0.0.1', port: way.port, user, password };
  return { login, address: { host, port }, close: way.close };
}

async function superuserPassword(kube: Kube): Promise<string> {
  const found = kube.core
    .readNamespacedSecret({ namespace: platformNamespace, name: platformPostgres.secret })
    .then(({ data }) => data?.password);
  const secret = { part: 'postgres', kind: 'Secret', absent: 'COPPICE_NO_DATABASE_SERVER' } as const;
  const password = await requireObject(secret, found);
  return Buffer.from(password, 'base64').toString('utf8');
}
