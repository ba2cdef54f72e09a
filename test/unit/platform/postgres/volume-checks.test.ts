import { expect, test } from 'vitest';
import { serverCheck, strategyCheck, volumeCheck } from '../../../../platform/postgres/volume-checks.ts';

const path = '/var/lib/coppice/databases/server';
const loop = { kind: 'host-path', path, fileSystem: 'loop', reflink: true } as const;
const folder = {
  kind: 'host-path',
  path,
  fileSystem: 'folder',
  reflink: false,
  why: 'this machine has no loop devices',
} as const;
const facts = { major: 18, superuser: true, reflink: true, fileSystem: 'xfs', fsync: 0.09 };

test('a volume that shares blocks is reported as such', () => {
  expect(volumeCheck(loop).detail).toBe(
    `${path}, on an XFS of its own: databases share the blocks of their template`,
  );
});

test('a folder without reflinks is reported as making full copies, with the reason and a remedy', () => {
  const { ok, detail } = volumeCheck(folder);
  expect(ok).toBe(true);
  expect(detail).toContain('every database is a full copy (this machine has no loop devices)');
  expect(detail).toContain('embedded.dataFolder');
});

test('nothing is claimed about a volume that is not ours', () => {
  expect(volumeCheck({ kind: 'claim', size: '20Gi' }).detail).toContain('only the server can say');
  expect(volumeCheck({ kind: 'node-folder', path: '/srv' }).detail).toContain('only the server can say');
});

test('a server without reflinks on a volume that was created with them is a fault', () => {
  const { ok, detail, fix } = serverCheck({ ...facts, reflink: false, fileSystem: 'ext4' }, loop);
  expect(ok).toBe(false);
  expect(detail).toContain('on ext4, reflinks do not work');
  expect(fix).toContain('wt cluster start');
  expect(serverCheck(facts, loop).ok).toBe(true);
});

test('the strategy is the one that the cost model chooses, with its reason', () => {
  expect(strategyCheck(facts).detail).toMatch(/^clone: .*; a database of 160 MB is expected in \d+ ms$/);
  expect(strategyCheck({ ...facts, reflink: false }).detail).not.toMatch(/^clone:/);
});
