import { CoppiceError } from '../core/errors.ts';
import { answersHere } from '../core/ingress.ts';
import { type PublishedPart, partFacts, type StoredPart } from '../core/part-facts.ts';
import type { ClusterRecord, PartVolumes } from '../core/state/cluster-record.ts';

/** What parts read from the record of the cluster. */

/** Reference of an image in the catalogue. Throws COPPICE_CLUSTER_TOO_OLD. */
export function imageFrom({ images }: Pick<ClusterRecord, 'images'>, name: string): string {
  const image = images[name];
  if (image === undefined) throw tooOldError(`the cluster has no image of ${name}`);
  return image;
}

type KeyOf<Part extends StoredPart> = (typeof partFacts)[Part]['volume']['key'];

/** Where a part keeps its data. Throws COPPICE_CLUSTER_TOO_OLD. */
export function volumeFrom<Part extends StoredPart>(
  record: Partial<PartVolumes>,
  part: Part,
): PartVolumes[KeyOf<Part>] {
  const { title, volume } = partFacts[part];
  const key: KeyOf<Part> = volume.key;
  const place = record[key];
  if (place === undefined) throw tooOldError(`the cluster has no place for the data of ${title}`);
  return place;
}

/** Networks of the nodes; empty where the record has none. */
export function nodesFrom({ nodeAddresses }: Pick<ClusterRecord, 'nodeAddresses'>): {
  readonly nodes?: readonly string[];
} {
  return nodeAddresses === undefined ? {} : { nodes: nodeAddresses };
}

/** Port of a part on 127.0.0.1 of this machine; empty where it is not published there. */
export function portFrom(record: ClusterRecord, part: PublishedPart): { readonly port?: number } {
  const place = record[part];
  return answersHere(record.ingress) && place !== undefined ? { port: place.port } : {};
}

function tooOldError(problem: string): CoppiceError {
  return new CoppiceError('COPPICE_CLUSTER_TOO_OLD', problem, { hint: 'run `wt cluster start` again' });
}
