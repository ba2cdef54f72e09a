import type { Kube } from '../../cluster/kube/client.ts';
import { type ExecRequest, execInPod } from '../../cluster/kube/exec.ts';
import type { Access } from '../../resources/database/secret.ts';
import { serverPod, withPassword } from './server-pod.ts';

/** The exit code of the psql beside the server. */
export async function psqlInPod(
  kube: Kube,
  { user, password, name }: Access,
  args: readonly string[],
): Promise<number> {
  const place = await serverPod(kube);
  const login = ['--host=127.0.0.1', `--username=${user}`, `--dbname=${name}`];
  const command = await withPassword(kube, place, password, ['psql', ...login, ...args]);
  return withTerminal((streams) => execInPod(kube, { ...place, ...streams, command }));
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
