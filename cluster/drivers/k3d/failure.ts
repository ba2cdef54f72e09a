import { CoppiceError } from '../../../core/errors.ts';
import { lastWords } from './command.ts';
import { howToShare } from './shared-folders.ts';

/** The parenthesized group in `pattern` is the subject of the error: a folder, or a port. */
interface Sentence {
  readonly pattern: RegExp;
  readonly error: (found: string) => CoppiceError;
}

const notSharedError = (folder: string) =>
  new CoppiceError('COPPICE_ROOTS', `the root ${folder} is not shared with Docker Desktop`, {
    hint: howToShare('docker-desktop', folder),
  });

const portTakenError = (port: string) =>
  new CoppiceError('COPPICE_PORT_TAKEN', `port ${port} on this machine is taken by another program`, {
    hint: 'stop that program, or set another port (`ports`, `k3d.registryPort`) in the settings',
  });

const denied = (howToAllow: (port: string) => string) => (port: string) =>
  new CoppiceError('COPPICE_PORT_DENIED', `Docker may not listen on port ${port} of this machine`, {
    hint: `set a port of 1024 or above in the settings (\`ports: {http: 8080}\`), or ${howToAllow(port)}`,
  });
const deniedByKernel = denied(
  (port) =>
    `allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port} (to stay, in /etc/sysctl.conf)`,
);
const deniedByDesktop = denied(
  () => 'allow it in Docker Desktop: Settings, Advanced, Allow privileged port mapping',
);

/** Docker's error messages, the first match counts; the test says where each was found. */
const sentences: readonly Sentence[] = [
  { pattern: /path (\/.*?) is not shared from the host/, error: notSharedError },
  { pattern: /cannot expose privileged port (\d+)/, error: deniedByKernel },
  { pattern: /exposing port TCP [\d.]+:(\d+) -> .*bind: permission denied/, error: deniedByDesktop },
  { pattern: /exposing port TCP [\d.]+:(\d+) -> .*com\.docker\.vmnetd\.sock/, error: deniedByDesktop },
  // The address after the arrow is not a port of this machine: `-> 127.0.0.1:0`.
  { pattern: /exposing port TCP [\d.]+:(\d+) -> .*address already in use/, error: portTakenError },
  { pattern: /Bind for [\d.]+:(\d+) failed: port is already allocated/, error: portTakenError },
  { pattern: /failed to bind host port for [\d.]+:(\d+)\S*: address already in use/, error: portTakenError },
  { pattern: /failed to bind host port [\d.]+:(\d+)\/tcp: address already in use/, error: portTakenError },
  { pattern: /listen tcp4? [\d.]+:(\d+): bind: address already in use/, error: portTakenError },
];

/**
 * Turns k3d's output into one of our errors; COPPICE_CLUSTER_FAILED with its last lines if it has no message that we
 * know.
 */
export function failureError(args: readonly string[], printed: string, cluster: string): CoppiceError {
  for (const { pattern, error } of sentences) {
    const found = pattern.exec(printed)?.[1];
    if (found !== undefined) return error(found);
  }
  const words = lastWords(printed);
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `k3d ${args.slice(0, 2).join(' ')}: ${words}`, {
    hint: `for the log of a node run \`docker logs k3d-${cluster}-server-0\``,
  });
}
