import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateFile } from '../../../app/engine/backend-files.ts';
import { restoreStack } from '../../../app/engine/checkpoint.ts';
import { fullDisk } from '../../../app/engine/full-disk.ts';
import { writeAtomic, writeAtomicNow, writeJson, writeNew } from '../../../core/files.ts';
import { paths } from '../../../core/paths.ts';

/** Bytes of the file system that each test mounts. */
const SIZE = 256 * 1024;
const BLOCK = 4096;

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!canMount)('on a file system of its own (needs root)', () => {
  let folder: string;
  let disk: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coppice-full-'));
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},nr_inodes=64`, 'coppice-test', disk]);
  });
  afterEach(() => {
    execFileSync('umount', ['--lazy', disk]);
    rmSync(folder, { recursive: true });
  });

  /** Leaves that many bytes. */
  function fill(left: number): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - left));
  }

  const long = `"${'x'.repeat(5 * BLOCK)}"`;
  const writers: readonly (readonly [string, (file: string) => unknown])[] = [
    ['writeAtomic', (file) => writeAtomic(file, long)],
    ['writeAtomicNow', (file) => writeAtomicNow(file, long, 0o600)],
    ['writeJson', (file) => writeJson(file, long)],
  ];

  it.each(writers)(
    '%s leaves the old file whole, and no other, wherever the disk is full',
    async (_, write) => {
      const file = join(disk, 'state.json');
      for (let left = 0; left <= 5 * BLOCK; left += BLOCK) {
        writeFileSync(file, 'old');
        fill(left);
        await expect((async () => write(file))()).rejects.toMatchObject({
          code: 'COPPICE_DISK_FULL',
          message: expect.stringContaining(file),
          hint: expect.stringContaining('df'),
        });
        expect(readFileSync(file, 'utf8')).toBe('old');
        expect(readdirSync(disk).sort()).toEqual(['ballast', 'state.json']);
        rmSync(join(disk, 'ballast'));
      }
      await write(file);
      expect(readFileSync(file, 'utf8')).toContain('xxx');
    },
  );

  it('writeNew leaves no file that is cut short', async () => {
    const file = join(disk, 'passphrase');
    fill(0);
    await expect(writeNew(file, long)).rejects.toMatchObject({ code: 'COPPICE_DISK_FULL' });
    expect(readdirSync(disk)).toEqual(['ballast']);
  });

  it('a state that cannot be restored stays where it is, and tells that there is a stack', async () => {
    const places = { ...paths(), data: disk, pulumiState: disk };
    const stack = { project: 'shop', stack: 'main' };
    const file = stateFile(stack, places);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.bak`, JSON.stringify({ version: 3, checkpoint: { stack: long } }));
    writeFileSync(file, '{');
    const before = readdirSync(dirname(file));
    for (let left = 0; left <= 5 * BLOCK; left += BLOCK) {
      fill(left);
      await expect(restoreStack(stack, places)).rejects.toMatchObject({ code: 'COPPICE_DISK_FULL' });
      expect(readdirSync(dirname(file))).toEqual(before);
      expect(readFileSync(file, 'utf8')).toBe('{');
      rmSync(join(disk, 'ballast'));
    }
    expect(await restoreStack(stack, places)).toMatchObject({ copy: `${file}.bak` });
    expect(await restoreStack(stack, places)).toBeUndefined();
  });

  it('an engine that failed on it is told from one that failed otherwise', async () => {
    const here = `write ${folder}/state/main.json.tmp: no space left on device`;
    const elsewhere = 'write /var/lib/postgresql/data: no space left on device';
    const expected = { code: 'COPPICE_DISK_FULL', hint: expect.stringContaining(`df -h '${folder}'`) };
    expect(await fullDisk('it is only partly started', here, { data: folder })).toMatchObject(expected);
    expect(await fullDisk('it is only partly started', elsewhere, { data: folder })).toBeUndefined();
    expect(await fullDisk('it is only partly started', '', { data: disk })).toMatchObject({
      message: `the disk of the state, ${disk}, is full: it is only partly started`,
    });
  });

  it('names a disk without inodes, and one that is read-only', async () => {
    const file = join(disk, 'state.json');
    for (let i = 0; ; i++) {
      try {
        writeFileSync(join(disk, `${i}`), '');
      } catch {
        break;
      }
    }
    await expect(writeAtomic(file, 'new')).rejects.toMatchObject({ code: 'COPPICE_DISK_FULL' });
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(writeAtomic(file, 'new')).rejects.toMatchObject({ code: 'COPPICE_CANNOT_WRITE' });
  });
});
