import { CoppiceError } from '../../../config/errors.ts';
import { lastWords, outcomeOf, outputOf } from './command.ts';
import { type Names, ownLabel } from './names.ts';

/** The Docker volume with the data of the databases and of Temporal, as `docker volume inspect` tells of it. */
export interface DataVolume {
  readonly name: string;
  /** Somebody else made it before us, and may have chosen where it lies: it is theirs to keep. */
  readonly ours: boolean;
  /** The folder or device that it is, where whoever made it said so. */
  readonly device?: string;
}

/** Makes it where there is none. One that is there already stays as it is, whoever made it. */
export async function ensureDataVolume({ cluster, dataVolume }: Names): Promise<void> {
  await outputOf('docker', ['volume', 'create', '--label', `${ownLabel}=${cluster}`, dataVolume]);
}

/** Undefined where there is none, or no engine that answers. */
export async function inspectDataVolume({
  dataVolume,
}: Pick<Names, 'dataVolume'>): Promise<DataVolume | undefined> {
  const { code, stdout } = await outcomeOf('docker', ['volume', 'inspect', dataVolume]);
  return code === 0 ? volumeFrom(stdout) : undefined;
}

interface Inspected {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

export function volumeFrom(stdout: string): DataVolume | undefined {
  const [inspected] = JSON.parse(stdout) as Inspected[];
  if (inspected === undefined) return undefined;
  const { Name, Labels, Options } = inspected;
  const device = Options?.device;
  return { name: Name, ours: ownLabel in (Labels ?? {}), ...(device === undefined ? {} : { device }) };
}

/** What lies in it, below the folder that the nodes have it at: see record.ts. */
export const dataFolders = ['databases', 'temporal'] as const;

/**
 * Deletes the data. The volume goes too if it is ours; of somebody else's only what we put into it, as a next cluster
 * would otherwise lie on a volume without what they chose. `image` has a command `rm` and is one that the nodes have.
 * Throws COPPICE_LEFTOVERS.
 */
export async function deleteData(names: Names, image: string): Promise<void> {
  const volume = await inspectDataVolume(names);
  if (volume === undefined) return;
  const { name, ours } = volume;
  const paths = dataFolders.map((folder) => `/data/${folder}`);
  const clear = ['--rm', '--network', 'none', '--volume', `${name}:/data`, '--entrypoint', 'rm', image];
  const { code, stderr } = ours
    ? await outcomeOf('docker', ['volume', 'rm', name])
    : await outcomeOf('docker', ['run', ...clear, '-rf', ...paths]);
  if (code === 0) return;
  throw new CoppiceError('COPPICE_LEFTOVERS', `the data in the volume ${name} stay: ${lastWords(stderr)}`, {
    hint: ours
      ? `docker ps --all --filter volume=${name} names who still uses it`
      : `Delete ${dataFolders.join(' and ')} in ${volume.device ?? `the volume ${name}`} by hand.`,
  });
}
