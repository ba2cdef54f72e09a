import { apiHint } from '../cluster/kube/api-hint.ts';
import { apiMessage, type Kube, unlessGone } from '../cluster/kube/client.ts';
import { forwardPort } from '../cluster/kube/port-forward.ts';
import { CoppiceError, ExitCode, hasCode } from '../core/errors.ts';
import { platformNamespace } from '../core/labels.ts';
import { type PublishedPart, partFacts } from '../core/part-facts.ts';
import { retry } from '../core/until.ts';

/** What reaching any server has in common. */

const retryEveryMs = 100;

/** How a server is reached: each kind of server adds its own properties. */
export interface Reached {
  /** Closes the way to it, not its connections. */
  close(): Promise<void>;
}

/** A port of this machine that leads to a server of the platform. */
export interface ReachedPart extends Reached {
  readonly port: number;
}

/**
 * `published`: its port on 127.0.0.1; without one it is reached through the API server. Throws COPPICE_PORT_FORWARD.
 */
export async function reachPart(
  kube: Kube,
  part: PublishedPart,
  published: number | undefined,
): Promise<ReachedPart> {
  if (published !== undefined) return { port: published, close: nothingToClose };
  const { service, port } = partFacts[part];
  return forwardPort(kube, { namespace: platformNamespace, service, port: port.service });
}

/** An object that exists as long as the platform has this part. */
export interface ObjectOfPart {
  readonly part: PublishedPart;
  readonly kind: 'Secret' | 'Service';
  /** Code of the error when it is missing. */
  readonly absent: 'COPPICE_NO_DATABASE_SERVER' | 'COPPICE_NO_TEMPORAL_SERVER';
}

/** `found` reads the object. Throws `absent` (exit code 3) when it is missing, COPPICE_CLUSTER. */
export async function requireObject<T>(
  { part, kind, absent }: ObjectOfPart,
  found: Promise<T | undefined>,
): Promise<T> {
  const { service: name, title } = partFacts[part];
  const object = await unlessGone(found).catch((error: unknown) => {
    throw new CoppiceError('COPPICE_CLUSTER', `${kind} ${name} cannot be read: ${apiMessage(error)}`, {
      hint: apiHint(error),
      exitCode: ExitCode.unreachable,
    });
  });
  if (object !== undefined) return object;
  throw new CoppiceError(absent, `the platform of this cluster has no ${title}`, {
    hint: `run \`wt up\`, or \`wt platform up --with ${part}\``,
  });
}

/** How long to wait for a server that does not answer. */
export interface Patience {
  /** Code of the error that means that it does not answer yet. */
  readonly code: 'COPPICE_DATABASE_UNREACHABLE' | 'COPPICE_TEMPORAL_UNREACHABLE';
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** Connects, runs `work`, and closes connection and `reached`. Throws what connecting and `work` throw. */
export async function withConnection<Connection extends { close(): void | Promise<void> }, T>(
  reached: Reached,
  connect: () => Promise<Connection>,
  { code, milliseconds, signal }: Patience,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  try {
    const again = (error: unknown) => hasCode(error, code);
    const connection = await retry(connect, { again, every: retryEveryMs, within: milliseconds, signal });
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  } finally {
    await reached.close();
  }
}

/** For a server that needs no port forward. */
export async function nothingToClose(): Promise<void> {}
