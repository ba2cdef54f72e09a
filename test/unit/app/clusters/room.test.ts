import { expect, it } from 'vitest';
import { databasesOf, lackOf } from '../../../../app/clusters/room.ts';

const MiB = 2 ** 20;
const place = {
  what: 'the state',
  folder: '/data',
  needs: {
    least: { bytes: 64 * MiB, inodes: 500 },
    comfortable: { bytes: 512 * MiB, inodes: 5_000 },
  },
};

it.each([
  ['nothing where there is room', { bytes: 512 * MiB, inodes: 5_000 }, undefined],
  ['nothing of inodes where none are counted', { bytes: 512 * MiB, inodes: Infinity }, undefined],
  [
    'that bytes are short',
    { bytes: 511 * MiB, inodes: 5_000 },
    { fails: false, text: expect.stringMatching(/free.*\/data/) },
  ],
  [
    'that bytes do not suffice',
    { bytes: 63 * MiB, inodes: 5_000 },
    { fails: true, text: expect.stringMatching(/free.*\/data/) },
  ],
  [
    'that inodes are short',
    { bytes: 512 * MiB, inodes: 4_999 },
    { fails: false, text: expect.stringContaining('4999 more files') },
  ],
  [
    'that inodes do not suffice',
    { bytes: 512 * MiB, inodes: 499 },
    { fails: true, text: expect.stringContaining('499 more files') },
  ],
])('says %s', (_, room, lack) => {
  expect(lackOf(place, room)).toEqual(lack);
});

it('looks at the file system of the databases where they have one, and only tells', () => {
  const volume = { kind: 'host-path', path: '/data/databases', reflink: true } as const;
  const [databases] = databasesOf({ databaseVolume: { ...volume, fileSystem: 'loop' } });
  expect(databases && lackOf(databases, { bytes: 1 * MiB, inodes: 9_000 })).toMatchObject({
    fails: false,
    text: expect.stringContaining('/data/databases'),
  });
  expect(databases && lackOf(databases, { bytes: 512 * MiB, inodes: 10 })).toMatchObject({ fails: false });
  expect(databasesOf({ databaseVolume: { ...volume, fileSystem: 'folder' } })).toEqual([]);
  expect(databasesOf({ databaseVolume: { kind: 'claim', size: '20Gi' } })).toEqual([]);
  expect(databasesOf({})).toEqual([]);
});
