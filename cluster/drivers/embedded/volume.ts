import { constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, open, rename, rm, rmdir, statfs, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { partFacts, type StoredPart, storedParts } from '../../../core/part-facts.ts';
import type { PartVolumes } from '../../../core/state/cluster-record.ts';
import type { DatabaseFolder, HostFolder } from '../../../core/volume.ts';
import type { Layout } from './layout.ts';
import { mountsBelow, unmountBelow } from './mounts.ts';
import { run } from './run.ts';

export interface VolumeContext {
  readonly layout: Layout;
  /** Upper limit for the size of a new file system, in GiB. */
  readonly databaseGiB: number;
  /** Path of mkfs.xfs, which has xfs_io beside it; installs it if it is missing, throws if that fails. */
  readonly mkfs: () => Promise<string>;
}

const GIB = 1024 ** 3;
/**
 * Bytes of a unit of copy-on-write: PostgreSQL's page. With XFS' own 128 KiB one changed row un-shares sixteen pages.
 */
const pageSize = 8192;

type BesideDatabases = Exclude<StoredPart, 'postgres'>;

/** The folder where each part keeps its data. Call it before any pod starts: a server would find its folder empty. */
export async function partVolumes(context: VolumeContext): Promise<PartVolumes> {
  // First, as it mounts what all others lie on.
  const databases = await databaseVolume(context);
  const others = storedParts.filter((part): part is BesideDatabases => part !== 'postgres');
  const folders = await Promise.all(
    others.map(async (part) => [partFacts[part].volume.key, await partFolder(context.layout, part)] as const),
  );
  return {
    databaseVolume: databases,
    ...(Object.fromEntries(folders) as Record<Key<BesideDatabases>, HostFolder>),
  };
}

type Key<Part extends StoredPart> = (typeof partFacts)[Part]['volume']['key'];

/**
 * The folder of the databases, the same at every start. On a new machine: a folder if the file system shares blocks,
 * else an XFS in a sparse file, else a plain folder, with the reason. Data never move. Throws COPPICE_DATABASE_VOLUME
 * when the file system that holds them cannot be mounted.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function databaseVolume(context: VolumeContext): Promise<DatabaseFolder> {
  const { databases, databaseImage } = context.layout;
  await mkdir(databases, { recursive: true, mode: 0o700 });
  if (existsSync(databaseImage)) {
    await mountExisting(context.layout);
    return databaseFolder(context.layout, 'loop');
  }
  if (existsSync(folderOf(context.layout, 'postgres'))) return databaseFolder(context.layout, 'folder');
  if (await reflinks(databases)) return databaseFolder(context.layout, 'folder');
  try {
    await makeImage(context);
    await mountExisting(context.layout);
  } catch (error) {
    await rm(databaseImage, { force: true });
    return databaseFolder(context.layout, 'folder', messageOf(error));
  }
  return databaseFolder(context.layout, 'loop');
}

/** Below the mount point, never the mount point itself: while nothing is mounted the folder does not exist. */
function folderOf({ databases }: Layout, part: StoredPart): string {
  return join(databases, partFacts[part].volume.folder.embedded);
}

async function databaseFolder(
  layout: Layout,
  fileSystem: 'loop' | 'folder',
  why?: string,
): Promise<DatabaseFolder> {
  const folder = await partFolder(layout, 'postgres');
  const reflink = await reflinks(layout.databases);
  const reason = reflink ? undefined : (why ?? 'files on it cannot share their blocks');
  return { ...folder, fileSystem, reflink, ...defined({ why: reason }) };
}

/** The folder of one part, owned by its own user, beside the others'. */
async function partFolder(layout: Layout, part: StoredPart): Promise<HostFolder> {
  const path = folderOf(layout, part);
  await makeOwn(path, partFacts[part].volume.user);
  return { kind: 'host-path', path };
}

async function makeOwn(folder: string, user: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, user, user);
  await chmod(folder, 0o700);
}

/**
 * Whether files in a folder can share their blocks; only trying tells.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function reflinks(folder: string): Promise<boolean> {
  const [probe, copy] = [join(folder, '.reflink'), join(folder, '.reflink.copy')];
  try {
    const file = await open(probe, 'w');
    await file.writeFile('probe');
    await file.close();
    await rm(copy, { force: true });
    await copyFile(probe, copy, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all([rm(probe, { force: true }), rm(copy, { force: true })]);
  }
}

/** Creates an XFS with reflinks in a sparse file, completely or not at all. */
async function makeImage({ layout, databaseGiB, mkfs }: VolumeContext): Promise<void> {
  if (!existsSync('/dev/loop-control')) throw new Error('this machine has no loop devices');
  const program = await mkfs();
  const { bavail, bsize } = await statfs(dirname(layout.databaseImage));
  // A file system larger than its disk breaks when the disk is full.
  const bytes = Math.min(databaseGiB * GIB, Math.floor((bavail * bsize * 0.9) / GIB) * GIB);
  if (bytes < GIB) throw new Error('less than 1 GiB of disk is free');
  const unfinished = `${layout.databaseImage}.making`;
  // Not in its final place: what is mounted there counts as finished.
  const aside = `${unfinished}.mount`;
  await clear(unfinished, aside);
  try {
    await (await open(unfinished, 'wx', 0o600)).close();
    await truncate(unfinished, bytes);
    await run(program, ['-q', '-m', 'reflink=1', '-L', 'coppice', unfinished]);
    await mkdir(aside, { mode: 0o700 });
    await mountLoop(unfinished, aside);
    // New files inherit it; PostgreSQL creates them all.
    await run(join(dirname(program), 'xfs_io'), ['-c', `cowextsize ${pageSize}`, aside]);
    await run('umount', [aside]);
    await rename(unfinished, layout.databaseImage);
  } finally {
    await clear(unfinished, aside);
  }
}

/** Unmounts and deletes what an earlier attempt left unfinished; the unmount frees its loop device. */
async function clear(unfinished: string, aside: string): Promise<void> {
  await unmountBelow([aside]);
  if (existsSync(aside)) await rmdir(aside);
  await rm(unfinished, { force: true });
}

async function mountExisting(layout: Layout): Promise<void> {
  if (mountsBelow([layout.databases]).includes(layout.databases)) return;
  try {
    await mountLoop(layout.databaseImage, layout.databases);
  } catch (cause) {
    throw new CoppiceError(
      'COPPICE_DATABASE_VOLUME',
      `the file system of the databases cannot be mounted: ${messageOf(cause)}`,
      {
        hint: `the databases are in ${layout.databaseImage}: xfs_repair checks it, \`sudo wt cluster reset\` deletes everything`,
        cause,
      },
    );
  }
}

/** `discard` returns the blocks of dropped databases to the disk. */
async function mountLoop(file: string, folder: string): Promise<void> {
  const device = (await run('losetup', ['--find', '--show', file])).trim();
  try {
    // A flush through the file's page cache costs five times as much. Not every file system supports bypassing it.
    await run('losetup', ['--direct-io=on', device], { mayFail: true });
    await run('mount', ['-t', 'xfs', '-o', 'discard,noatime,nodev,nosuid,noexec', device, folder]);
  } finally {
    // The kernel detaches it with its last user, so with the unmount.
    await run('losetup', ['--detach', device], { mayFail: true });
  }
}

/** Loop devices that still hold the file system of the databases, by their names. */
export function loopDevices({ databaseImage }: Layout): string[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .filter((name) => {
      const file = `/sys/block/${name}/loop/backing_file`;
      // The kernel marks the path of a deleted file so.
      return (
        existsSync(file) &&
        readFileSync(file, 'utf8')
          .trim()
          .replace(/ \(deleted\)$/, '') === databaseImage
      );
    });
}
