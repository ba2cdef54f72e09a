import { CoppiceError } from '../../../core/errors.ts';
import { lastWords } from './command.ts';
import { howToShare } from './shared-folders.ts';

/** What is in parentheses in `says` is what the error is about: a folder, or a port. */
interface Sentence {
  readonly says: RegExp;
  readonly means: (found: string) => CoppiceError;
}

const notShared = (folder: string) =>
  new CoppiceError('COPPICE_ROOTS', `the root ${folder} is not shared with Docker Desktop`, {
    hint: howToShare('docker-desktop', folder),
  });

const taken = (port: string) =>
  new CoppiceError('COPPICE_PORT_TAKEN', `port ${port} on this machine is taken by another program`, {
    hint: 'stop that program, or set another port (`ports`, `k3d.registryPort`) in the settings',
  });

const denied = (howToAllow: (port: string) => string) => (port: string) =>
  new CoppiceError('COPPICE_PORT_DENIED', `Docker may not listen on port ${port} of this machine`, {
    hint: `set a port of 1024 or above in the settings (\`ports: {http: 8080}\`), or ${howToAllow(port)}`,
  });
const byKernel = denied(
  (port) =>
    `allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port} (to stay, in /etc/sysctl.conf)`,
);
const byDesktop = denied(
  () => 'allow it in Docker Desktop: Settings, Advanced, Allow privileged port mapping',
);

/** Sentences of Docker's, the first that fits counts; where each was read stands in the test. */
const sentences: readonly Sentence[] = [
  { says: /path (\/.*?) is not shared from the host/, means: notShared },
  { says: /cannot expose privileged port (\d+)/, means: byKernel },
  { says: /exposing port TCP [\d.]+:(\d+) -> .*bind: permission denied/, means: byDesktop },
  { says: /exposing port TCP [\d.]+:(\d+) -> .*com\.docker\.vmnetd\.sock/, means: byDesktop },
  // What follows the arrow is no port of this machine: `-> 127.0.0.1:0`.
  { says: /exposing port TCP [\d.]+:(\d+) -> .*address already in use/, means: taken },
  { says: /Bind for [\d.]+:(\d+) failed: port is already allocated/, means: taken },
  { says: /failed to bind host port for [\d.]+:(\d+)\S*: address already in use/, means: taken },
  { says: /failed to bind host port [\d.]+:(\d+)\/tcp: address already in use/, means: taken },
  { says: /listen tcp4? [\d.]+:(\d+): bind: address already in use/, means: taken },
];

/** What k3d printed, as an error of ours; COPPICE_CLUSTER_FAILED with its last words where it has no sentence that we know. */
export function failureError(args: readonly string[], printed: string, cluster: string): CoppiceError {
  for (const { says, means } of sentences) {
    const found = says.exec(printed)?.[1];
    if (found !== undefined) return means(found);
  }
  const words = lastWords(printed);
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `k3d ${args.slice(0, 2).join(' ')}: ${words}`, {
    hint: `for the log of a node run \`docker logs k3d-${cluster}-server-0\``,
  });
}
