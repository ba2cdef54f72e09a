import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import type { Kube } from '../../cluster/kube/client.ts';
import { execInPod } from '../../cluster/kube/exec.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { platformPostgres } from '../../servers/postgres/reach.ts';

/** The container of the platform's PostgreSQL, which also has PostgreSQL's programs. */
export interface ServerPod {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** In memory; the server's root file system is read-only. */
const folder = '/dev/shm';

/**
 * Writes one line of standard input to a file that only the server's user can read.
 *
 * @internal Exported for its test, which compares the text.
 */
export const keepScript = 'umask 077 && IFS= read -r line && printf "%s\\n" "$line" > "$0"';
/**
 * Removes the file before the program starts, so that none is left however it ends.
 *
 * @internal Exported for its test, which compares the text.
 */
export const runScript = 'IFS= read -r PGPASSWORD < "$0"; rm -f "$0"; export PGPASSWORD; exec "$@"';

/**
 * Words of a command line that runs a PostgreSQL program with a password. The password is in a file, as arguments can
 * be read by others and typed text is echoed. Works once.
 */
export async function withPassword(
  kube: Kube,
  place: ServerPod,
  password: string,
  command: readonly string[],
): Promise<string[]> {
  const file = `${folder}/coppice-login-${randomBytes(8).toString('hex')}`;
  await execInPod(kube, {
    ...place,
    command: ['sh', '-c', keepScript, file],
    stdin: openEnded(`${password}\n`),
    stdout: new PassThrough().resume(),
  });
  return ['sh', '-c', runScript, file, ...command];
}

/**
 * Input for a command in a pod that knows when it has read enough. An end right behind the input can overtake it on the
 * way; the command then reads nothing.
 */
export function openEnded(content: string | Buffer): Readable {
  const stream = new PassThrough();
  stream.write(content);
  return stream;
}

/** Throws COPPICE_NO_DATABASE_SERVER. */
export async function serverPod(kube: Kube): Promise<ServerPod> {
  const { items } = await kube.core.listNamespacedPod({
    namespace: platformNamespace,
    labelSelector: `${Label.service}=${platformPostgres.service}`,
  });
  const pod = items.find(
    ({ metadata, status }) =>
      !metadata?.deletionTimestamp &&
      status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  if (!pod?.metadata?.name)
    throw new CoppiceError('COPPICE_NO_DATABASE_SERVER', 'the platform has no PostgreSQL that is ready', {
      hint: 'wt platform up',
    });
  const container = pod.spec?.containers[0]?.name ?? platformPostgres.service;
  return { namespace: platformNamespace, pod: pod.metadata.name, container };
}
