import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadSettings } from '../../config/settings/settings.ts';
import type { Check } from '../../core/check.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { paths } from '../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { size } from '../../core/text/size.ts';
import type { Ports } from '../ports.ts';

/** A folder that an `up` writes to. */
interface Place {
  readonly what: string;
  /** Absolute path; it need not exist yet. */
  readonly folder: string;
  readonly needs: Needs;
  /** What frees room there. */
  readonly free: string;
}

/** Below `least` an `up` fails in the middle; below `comfortable` it may. */
interface Needs {
  readonly least: Room;
  readonly comfortable: Room;
}

/** Bytes and inodes that may still be used. Some file systems, such as btrfs, count no inodes: Infinity. */
interface Room {
  readonly bytes: number;
  readonly inodes: number;
}

const MiB = 2 ** 20;

/** A state is written some hundred times in an `up`, and has been seen with 200 KB; logs and records come on top. */
const stateNeeds: Needs = {
  least: { bytes: 64 * MiB, inodes: 500 },
  comfortable: { bytes: 512 * MiB, inodes: 5_000 },
};

/** Below 512 MiB kubelet evicts pods (`nodefs.available` in cluster/drivers/embedded/config-files.ts). */
const clusterNeeds: Needs = {
  least: { bytes: 512 * MiB, inodes: 2_000 },
  comfortable: { bytes: 2048 * MiB, inodes: 20_000 },
};

function stateOnDisk(): Place {
  return {
    what: 'the state of environments',
    folder: paths().data,
    needs: stateNeeds,
    free: '`wt db list` shows what databases, snapshots and dumps take; the cache ($XDG_CACHE_HOME/coppice) can be deleted at any time',
  };
}

async function placesOfUp(): Promise<Place[]> {
  const [settings, record] = await Promise.all([loadSettings(), readClusterRecord()]);
  // Other clusters keep theirs where this machine cannot look; `wt doctor` asks Docker for k3d's.
  if (record?.driver !== 'embedded') return [stateOnDisk()];
  const cluster: Place = {
    what: "the cluster's images and volumes",
    folder: settings.embedded.dataFolder,
    needs: clusterNeeds,
    free: '`wt db list` and `wt db snapshot NAME --remove`, `wt doctor --fix`, `wt down` of what is not needed',
  };
  return [stateOnDisk(), cluster, ...databasesOf(record)];
}

/**
 * Not every `up` copies a database, and PostgreSQL says itself before a copy that it will not fit: this only tells early.
 *
 * @internal Exported for its test, which passes a record.
 */
export function databasesOf({ databaseVolume }: Pick<ClusterRecord, 'databaseVolume'>): Place[] {
  // Without a file system of its own it is on the disk of the cluster.
  if (databaseVolume?.kind !== 'host-path' || databaseVolume.fileSystem !== 'loop') return [];
  return [
    {
      what: 'databases',
      folder: databaseVolume.path,
      needs: { least: { bytes: 0, inodes: 0 }, comfortable: { bytes: 256 * MiB, inodes: 2_000 } },
      free: '`wt db list` shows what each takes; `wt db snapshot NAME --remove`, `wt doctor --fix`; `embedded.databaseGiB` sets the size',
    },
  ];
}

/**
 * Looks before an `up` begins: the engine tries for half a minute on a full disk, and leaves its state cut short. Says
 * where room is short. Throws COPPICE_DISK_FULL where it does not suffice.
 */
export async function requireRoom({ screen }: Pick<Ports, 'screen'>): Promise<void> {
  for (const place of await placesOfUp()) {
    const room = await roomIn(place.folder);
    if (room === undefined) continue;
    const lack = lackOf(place, room);
    if (lack?.fails)
      throw new CoppiceError('COPPICE_DISK_FULL', lack.text, { hint: `free some space: ${place.free}` });
    if (lack) screen.note(`${lack.text}; ${place.free}`);
  }
}

/** For `wt doctor`, of the state alone: each driver checks the disk of its cluster. */
export async function roomChecks(): Promise<Check[]> {
  const place = stateOnDisk();
  const room = await roomIn(place.folder);
  if (room === undefined) return [];
  const lack = lackOf(place, room);
  const detail = lack?.text ?? `${size(room.bytes)} free in ${place.folder}`;
  return [{ name: 'disk of the state', ok: lack?.fails !== true, detail, fix: place.free }];
}

/**
 * What a place lacks, in words; undefined when it has comfortable room.
 *
 * @internal Exported for its test, which passes any figures.
 */
export function lackOf(
  { what, folder, needs: { least, comfortable } }: Omit<Place, 'free'>,
  room: Room,
): { readonly fails: boolean; readonly text: string } | undefined {
  const fails = room.bytes < least.bytes || room.inodes < least.inodes;
  const wanted = fails ? least : comfortable;
  if (room.bytes < wanted.bytes) {
    return {
      fails,
      text: `${size(room.bytes)} free for ${what} in ${folder}, ${size(wanted.bytes)} are needed`,
    };
  }
  if (room.inodes >= wanted.inodes) return undefined;
  return {
    fails,
    text: `room for only ${room.inodes} more files for ${what} in ${folder} (df -i), ${wanted.inodes} are needed`,
  };
}

/** Undefined for a folder of others that cannot be inspected. */
async function roomIn(folder: string): Promise<Room | undefined> {
  for (let existing = folder; ; existing = dirname(existing)) {
    try {
      const { bavail, bsize, files, ffree } = await statfs(existing);
      return { bytes: bavail * bsize, inodes: files === 0 ? Number.POSITIVE_INFINITY : ffree };
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || existing === dirname(existing)) return undefined;
    }
  }
}
