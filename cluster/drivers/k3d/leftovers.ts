import { CoppiceError } from '../../../core/errors.ts';
import { lastWords, outcomeOf } from './command.ts';
import type { Names } from './names.ts';

type Kind = 'network' | 'volume';
export type Labels = Readonly<Record<string, string>>;

/**
 * Removes network and image volume of a deleted cluster: k3d leaves them where it found no server to go by, and takes
 * them for somebody else's from the next cluster on. What k3d did not make, and what others still use, stays and is told.
 * Throws COPPICE_LEFTOVERS.
 */
export async function removeLeftovers(
  { cluster, network, imageVolume }: Names,
  note: (text: string) => void,
): Promise<void> {
  await removed('network', network, cluster, note);
  await removed('volume', imageVolume, cluster, note);
}

async function removed(
  kind: Kind,
  name: string,
  cluster: string,
  note: (text: string) => void,
): Promise<void> {
  const found = await outcomeOf('docker', [kind, 'inspect', '--format', '{{json .Labels}}', name]);
  if (found.code !== 0) {
    if (isGone(found.stderr)) return;
    throw stays(kind, name, found.stderr);
  }
  if (!isOfK3d(kind, JSON.parse(found.stdout) as Labels | null, cluster)) {
    note(`the ${kind} ${name} was kept: k3d did not create it for this cluster`);
    return;
  }
  const { code, stderr } = await outcomeOf('docker', [kind, 'rm', name]);
  if (code === 0 || isGone(stderr)) return;
  if (!isInUse(stderr)) throw stays(kind, name, stderr);
  note(`the ${kind} ${name} was kept, because others use it: ${whoUses(kind, name)}`);
}

/**
 * By the labels that k3d 5.9.0 gives: its own to both, the cluster's name to volumes alone (pkg/runtimes/docker/network.go
 * and volume.go). The name of a network has the cluster's in it.
 *
 * @internal Its test gives it what programs print, without running them.
 */
export function isOfK3d(kind: Kind, labels: Labels | null, cluster: string): boolean {
  return labels?.app === 'k3d' && (kind === 'network' || labels['k3d.cluster'] === cluster);
}

const isGone = (stderr: string) => /no such (volume|network)|network .* not found/i.test(stderr);

/**
 * `network k3d-coppice id 1f2e has active endpoints`, `remove k3d-coppice-images: volume is in use - [1f2e]`
 *
 * @internal Its test gives it what programs print, without running them.
 */
export const isInUse = (stderr: string) => /has active endpoints|volume is in use/.test(stderr);

const whoUses = (kind: Kind, name: string) =>
  `docker ps --all --filter ${kind}=${name} shows what still uses it`;

function stays(kind: Kind, name: string, stderr: string): CoppiceError {
  return new CoppiceError('COPPICE_LEFTOVERS', `the ${kind} ${name} stays: ${lastWords(stderr)}`, {
    hint: whoUses(kind, name),
  });
}
