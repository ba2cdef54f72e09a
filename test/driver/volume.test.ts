import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from '../../cluster/drivers/embedded/layout.ts';
import { mountsBelow } from '../../cluster/drivers/embedded/mounts.ts';
import { databaseVolume, loopDevices, partVolumes, reflinks } from '../../cluster/drivers/embedded/volume.ts';
import { settingsSchema } from '../../config/settings/settings.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';

let folder: string;
const layout = () =>
  layoutOf(settingsSchema.parse({ embedded: { dataFolder: folder, runFolder: `${folder}/run` } }).embedded);
const mkfs = async () => (await ensurePrograms(['mkfs.xfs']))['mkfs.xfs'].path;
const context = (how = mkfs) => ({ layout: layout(), databaseGiB: 1, mkfs: how });
const volume = (how = mkfs) => databaseVolume(context(how));
const never = async () => {
  throw new Error('it was asked for mkfs.xfs');
};

function unmount(): void {
  for (const mount of mountsBelow([folder])) execFileSync('umount', [mount]);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-test-volume-'));
});

afterEach(() => {
  unmount();
  expect(loopDevices(layout())).toEqual([]);
  rmSync(folder, { recursive: true });
});

/** The test machine may itself have a file system with reflinks; then there is nothing to create. */
const plain = async () => !(await reflinks(tmpdir()));

test('without reflinks below it, the folder lies on its own XFS, and belongs to the server alone', async () => {
  if (!(await plain())) return expect((await volume(never)).reflink).toBe(true);
  const mounted = await volume();
  expect(mounted).toEqual({
    kind: 'host-path',
    path: `${folder}/databases/server`,
    fileSystem: 'loop',
    reflink: true,
  });
  const { uid, gid, mode } = statSync(mounted.path);
  expect([uid, gid, mode & 0o777]).toEqual([999, 999, 0o700]);
  expect(await reflinks(mounted.path)).toBe(true);
  // All of it, including its log, and not the gibibyte to which it may grow.
  expect(statSync(layout().databaseImage).blocks * 512).toBeLessThan(100 * 1024 ** 2);
});

test('the Temporal server has its own folder beside it, owned by its own user, and a second start keeps what is in it', async () => {
  const { path: databases } = await volume();
  for (const start of ['first', 'second']) {
    const { path } = (await partVolumes(context())).temporalVolume as { path: string };
    expect(path).toBe(`${folder}/databases/temporal`);
    const { uid, gid, mode, dev } = statSync(path);
    expect([uid, gid, mode & 0o777]).toEqual([1000, 1000, 0o700]);
    expect(dev).toBe(statSync(databases).dev);
    writeFileSync(join(path, start), '');
  }
  expect(readdirSync(`${folder}/databases/temporal`).sort()).toEqual(['first', 'second']);
});

test('one changed page of a clone un-shares one page', async () => {
  if (!(await plain())) return;
  const { path } = await volume();
  execFileSync('mkdir', [join(path, 'base')]);
  const xfsIo = join((await mkfs()).replace(/mkfs\.xfs$/, ''), 'xfs_io');
  const asked = spawnSync(xfsIo, ['-c', 'cowextsize', join(path, 'base')], { encoding: 'utf8' });
  expect(asked.stdout).toContain('[8192]');
});

test('data outlive an unmount, a second call, and a mount that a kill left behind', async () => {
  const { path } = await volume();
  writeFileSync(join(path, 'kept'), 'yes');
  expect(await volume(never)).toMatchObject({ path });
  unmount();
  if (await plain()) expect(existsSync(path)).toBe(false);
  expect((await volume(never)).reflink).toBe(true);
  expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('yes');
});

test('if such a file system cannot be created it is a folder, with the reason, and stays one', async () => {
  if (!(await plain())) return;
  const first = await volume(async () => {
    throw new Error('there is no xfsprogs here');
  });
  expect(first).toMatchObject({ fileSystem: 'folder', reflink: false, why: 'there is no xfsprogs here' });
  // Now it could be created, and the data would be gone.
  expect(await volume()).toMatchObject({ path: first.path, fileSystem: 'folder', reflink: false });
  expect(existsSync(layout().databaseImage)).toBe(false);
});

test('an unfinished file of an interrupted start is created again', async () => {
  if (!(await plain())) return;
  writeFileSync(`${layout().databaseImage}.making`, 'cut short');
  expect(await volume()).toMatchObject({ fileSystem: 'loop' });
  expect(existsSync(`${layout().databaseImage}.making`)).toBe(false);
});

test('a mount left by an interrupted start does no harm, and is removed', async () => {
  if (!(await plain())) return;
  const making = `${layout().databaseImage}.making`;
  mkdirSync(`${making}.mount`);
  execFileSync('mount', ['-t', 'tmpfs', 'left', `${making}.mount`]);
  expect(await volume()).toMatchObject({ fileSystem: 'loop' });
  expect(mountsBelow([folder])).toEqual([layout().databases]);
  expect(existsSync(`${making}.mount`)).toBe(false);
});

test('a file system that cannot be finished leaves no mount, no loop device and no file', async () => {
  if (!(await plain())) return;
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const write = (name: string, text: string) =>
    writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  write('mkfs.xfs', `exec '${await mkfs()}' "$@"`);
  write('xfs_io', 'echo no such command >&2; exit 1');
  const mounted = await volume(async () => join(programs, 'mkfs.xfs'));
  expect(mounted).toMatchObject({ fileSystem: 'folder', why: expect.stringContaining('no such command') });
  expect(mountsBelow([folder])).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['databases', 'programs']);
  const making = `${layout().databaseImage}.making`;
  expect(loopDevices({ ...layout(), databaseImage: making })).toEqual([]);
});

test('a file system that cannot be mounted is an error, not an empty folder in its place', async () => {
  writeFileSync(layout().databaseImage, 'not a file system');
  await expect(volume()).rejects.toMatchObject({ code: 'COPPICE_DATABASE_VOLUME' });
  expect(existsSync(`${folder}/databases/server`)).toBe(false);
});
