import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { Kube } from '../../cluster/kube/client.ts';
import { type ExecRequest, execInPod } from '../../cluster/kube/exec.ts';
import { CoppiceError } from '../../config/errors.ts';
import { Label, platformNamespace } from '../../config/labels.ts';
import { platformPostgres } from '../../provider/database/login.ts';
import type { Access } from '../../provider/database/secret.ts';

/** In memory, and the server's root file system is read-only. */
const folder = '/dev/shm';

/** Writes the one line of its standard input to a file that only the server's user can read. */
export const keepScript = 'umask 077 && IFS= read -r line && printf "%s\\n" "$line" > "$0"';
/** Takes the file away before psql begins: whatever ends psql, nothing stays. */
export const runScript = 'IFS= read -r PGPASSWORD < "$0"; rm -f "$0"; export PGPASSWORD; exec psql "$@"';

/**
 * The exit code of the psql beside the server. It gets the password by a file: arguments can be read by others, and
 * what is typed on a terminal is echoed.
 */
export async function psqlInPod(
  kube: Kube,
  { user, password, name }: Access,
  args: readonly string[],
): Promise<number> {
  const place = await serverPod(kube);
  const file = `${folder}/coppice-psql-${randomBytes(8).toString('hex')}`;
  const silent = new PassThrough().resume();
  const kept = {
    command: ['sh', '-c', keepScript, file],
    stdin: Readable.from([`${password}\n`]),
    stdout: silent,
  };
  await execInPod(kube, { ...place, ...kept });
  const login = ['--host=127.0.0.1', `--username=${user}`, `--dbname=${name}`];
  return withTerminal((streams) =>
    execInPod(kube, { ...place, ...streams, command: ['sh', '-c', runScript, file, ...login, ...args] }),
  );
}

/** Every key goes to the terminal in the pod, Ctrl+C too. */
async function withTerminal<T>(work: (streams: Streams) => Promise<T>): Promise<T> {
  const { stdin, stdout, stderr } = process;
  if (!stdin.isTTY || !stdout.isTTY) return work({ stdin, stdout, stderr });
  stdin.setRawMode(true);
  try {
    return await work({ stdin, stdout, tty: true });
  } finally {
    stdin.setRawMode(false);
  }
}

type Streams = Pick<ExecRequest, 'stdin' | 'stdout' | 'stderr' | 'tty'>;

async function serverPod(kube: Kube) {
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
