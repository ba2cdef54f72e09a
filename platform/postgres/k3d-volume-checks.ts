import { inspectDataVolume } from '../../cluster/drivers/k3d/data-volume.ts';
import { askDockerMachine, type DockerMachine } from '../../cluster/drivers/k3d/docker-machine.ts';
import { fasterCopies } from '../../cluster/drivers/k3d/fast-volume.ts';
import { namesOf } from '../../cluster/drivers/k3d/names.ts';
import type { Check } from '../../core/check.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

type Volume = NonNullable<Awaited<ReturnType<typeof inspectDataVolume>>>;

/** The Docker volume of the databases; `reflink`: as detected by its server, undefined while there is none. */
export async function k3dVolumeChecks(
  { context }: Pick<ClusterRecord, 'context'>,
  reflink: boolean | undefined,
): Promise<Check[]> {
  const names = namesOf(context.replace(/^k3d-/, ''));
  const [volume, machine] = await Promise.all([
    inspectDataVolume(names).catch(() => undefined),
    askDockerMachine(),
  ]);
  if (volume === undefined || machine === undefined)
    return [{ name: 'volume', ok: true, detail: 'needs a Docker engine that answers, and a cluster' }];
  return [
    volumeCheck(volume, machine),
    ...(reflink === undefined ? [] : [copiesCheck(reflink, volume, machine)]),
  ];
}

export function volumeCheck(
  { name, owner, device }: Volume,
  machine: Pick<DockerMachine, 'dataRoot'>,
): Check {
  const place = device ?? `among Docker's own data (${machine.dataRoot})`;
  const whose = owner ? '' : ', made by hand: `wt cluster reset` empties and keeps it';
  return { name: 'volume', ok: true, detail: `the Docker volume ${name}, ${place}${whose}` };
}

/** Full copies are no fault: everything works. But the user should know what would make them fast. */
export function copiesCheck(reflink: boolean, volume: Volume, { kind }: Pick<DockerMachine, 'kind'>): Check {
  const detail = reflink
    ? 'databases share the blocks of their template'
    : `every database is a full copy; to have them share blocks: ${fasterCopies(kind, volume)}`;
  return { name: 'copies', ok: true, detail };
}
