import { CoppiceError } from '../../../core/errors.ts';
import { lastWords, outcomeOf } from './command.ts';
import type { Names } from './names.ts';

type Kind = 'network' | 'volume';
export type Labels = Readonly<Record<string, string>>;

/**
 * Removes network and image volume of a deleted cluster: k3d leaves them if there was no server to lead to them, and
 * then takes them for another's. What k3d did not create, and what is still in use, is kept and reported. Throws
 * COPPICE_LEFTOVERS.
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
    throw leftoverError(kind, name, found.stderr);
  }
  if (!isOfK3d(kind, JSON.parse(found.stdout) as Labels | null, cluster)) {
    note(`the ${kind} ${name} was kept: k3d did not create it for this cluster`);
    return;
  }
  const { code, stderr } = await outcomeOf('docker', [kind, 'rm', name]);
  if (code === 0 || isGone(stderr)) return;
  if (!isInUse(stderr)) throw leftoverError(kind, name, stderr);
  note(`the ${kind} ${name} was kept, because others use it: ${whoUses(kind, name)}`);
}

/**
 * By k3d 5.9.0's labels: its own on both, the cluster's name on volumes alone (pkg/runtimes/docker/network.go and
 * volume.go). A network's name contains the cluster's.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function isOfK3d(kind: Kind, labels: Labels | null, cluster: string): boolean {
  return labels?.app === 'k3d' && (kind === 'network' || labels['k3d.cluster'] === cluster);
}

const isGone = (stderr: string) => /no such (volume|network)|network .* not found/i.test(stderr);

/**
 * `network k3d-coppice id 1f2e has active endpoints`, `remove k3d-coppice-images: volume is in use - [1f2e]`
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export const isInUse = (stderr: string) => /has active endpoints|volume is in use/.test(stderr);

const whoUses = (kind: Kind, name: string) =>
  `docker ps --all --filter ${kind}=${name} shows what still uses it`;

function leftoverError(kind: Kind, name: string, stderr: string): CoppiceError {
  return new CoppiceError('COPPICE_LEFTOVERS', `the ${kind} ${name} stays: ${lastWords(stderr)}`, {
    hint: whoUses(kind, name),
  });
}
