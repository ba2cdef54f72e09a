import { expect, it } from 'vitest';
import { lackOf } from '../../../../app/clusters/room.ts';

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
