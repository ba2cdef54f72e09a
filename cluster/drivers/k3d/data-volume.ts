import { defined } from '../../../core/defined.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { partFacts, storedParts } from '../../../core/part-facts.ts';
import { lastWords, outcomeOf, outputOf } from './command.ts';
import { type Names, ownerLabel } from './names.ts';

/** The Docker volume with the data of the platform's parts, from `docker volume inspect`. */
export interface DataVolume {
  readonly name: string;
  /**
   * Its owner; undefined when a person created it by hand, perhaps in a place of their choice: then it is theirs to
   * keep.
   */
  readonly owner: string | undefined;
  /** The folder or device behind it, if its creator named one. */
  readonly device?: string;
}

/**
 * Creates it if it is missing. One created by hand is used as it is. Throws COPPICE_NOT_OURS if it belongs to another
 * user of the engine: their databases are in it.
 */
export async function ensureDataVolume({ dataVolume }: Names, owner: string): Promise<void> {
  await outputOf('docker', ['volume', 'create', '--label', `${ownerLabel}=${owner}`, dataVolume]);
  const there = await inspectDataVolume({ dataVolume });
  if (there?.owner === undefined || there.owner === owner) return;
  throw new CoppiceError(
    'COPPICE_NOT_OURS',
    `the Docker volume ${dataVolume} belongs to another user of this Docker engine, or to another data folder`,
    { hint: 'set another `k3d.name` in the settings', exitCode: ExitCode.unreachable },
  );
}

/** Undefined if it does not exist. Throws COPPICE_COMMAND_FAILED if Docker could not answer. */
export async function inspectDataVolume({
  dataVolume,
}: Pick<Names, 'dataVolume'>): Promise<DataVolume | undefined> {
  const { code, stdout, stderr } = await outcomeOf('docker', ['volume', 'inspect', dataVolume]);
  if (code === 0) return volumeFrom(stdout);
  if (/no such volume/i.test(stderr)) return undefined;
  throw new CoppiceError('COPPICE_COMMAND_FAILED', `docker volume inspect: ${lastWords(stderr)}`);
}

interface Inspected {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

/** @internal Exported for its test, which passes in what programs print. */
export function volumeFrom(stdout: string): DataVolume | undefined {
  const [inspected] = JSON.parse(stdout) as Inspected[];
  if (inspected === undefined) return undefined;
  const { Name, Labels, Options } = inspected;
  const device = Options?.device;
  return { name: Name, owner: Labels?.[ownerLabel], ...defined({ device }) };
}

/** Its contents, below the folder where the nodes mount it: see record.ts. */
const dataFolders = storedParts.map((part) => partFacts[part].volume.folder.k3d);

/**
 * Deletes the data. The volume is deleted too if we created it; in one created by hand we delete only what we put into
 * it, as the next cluster would otherwise lie on a volume without its owner's choices. Another owner's volume is not
 * touched. `image` has a command `rm`; Docker pulls it if the nodes were created from another. Throws
 * COPPICE_LEFTOVERS.
 */
export async function deleteData(names: Names, owner: string, image: string): Promise<void> {
  const volume = await inspectDataVolume(names);
  if (volume === undefined || (volume.owner !== undefined && volume.owner !== owner)) return;
  const { name } = volume;
  const ours = volume.owner === owner;
  const paths = dataFolders.map((folder) => `/data/${folder}`);
  const clear = ['--rm', '--network', 'none', '--volume', `${name}:/data`, '--entrypoint', 'rm', image];
  const { code, stderr } = ours
    ? await outcomeOf('docker', ['volume', 'rm', name])
    : await outcomeOf('docker', ['run', ...clear, '-rf', ...paths]);
  if (code === 0) return;
  throw new CoppiceError(
    'COPPICE_LEFTOVERS',
    `the data in the volume ${name} were kept: ${lastWords(stderr)}`,
    {
      hint: ours
        ? `docker ps --all --filter volume=${name} shows what still uses it`
        : `delete ${dataFolders.join(' and ')} in ${volume.device ?? `the volume ${name}`} by hand`,
    },
  );
}
