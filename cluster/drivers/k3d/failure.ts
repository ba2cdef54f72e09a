import { CoppiceError } from '../../../config/errors.ts';
import { howToShare } from './shared-folders.ts';

/** k3d's last words as an error of ours. */
export function failure(args: readonly string[], words: string, cluster: string): CoppiceError {
  // Docker Desktop's: `Mounts denied: The path /srv is not shared from the host and is not known to Docker.`
  const denied = /path (\/.*?) is not shared from the host/.exec(words)?.[1];
  if (denied !== undefined) {
    return new CoppiceError('COPPICE_ROOTS', `the root ${denied} is not shared with Docker Desktop`, {
      hint: howToShare('docker-desktop', denied),
    });
  }
  // Docker's own sentence, `Bind for 127.0.0.1:80 failed: port is already allocated`, or the kernel's.
  const port = /:(\d+)(?: failed)?: (?:port is already allocated|.*address already in use)/.exec(words)?.[1];
  if (port !== undefined) {
    return new CoppiceError(
      'COPPICE_PORT_TAKEN',
      `port ${port} of this machine is taken by another program`,
      {
        hint: 'End it, or set another port (`ports`, `k3d.registryPort`) in the settings.',
      },
    );
  }
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `k3d ${args.slice(0, 2).join(' ')}: ${words}`, {
    hint: `What a node says: docker logs k3d-${cluster}-server-0`,
  });
}
