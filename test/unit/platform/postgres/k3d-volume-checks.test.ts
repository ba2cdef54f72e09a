import { expect, test } from 'vitest';
import { volumeFrom } from '../../../../cluster/drivers/k3d/data-volume.ts';
import { fasterCopies } from '../../../../cluster/drivers/k3d/fast-volume.ts';
import { copiesCheck, volumeCheck } from '../../../../platform/postgres/k3d-volume-checks.ts';
import {
  colima,
  debian,
  dockerDesktop,
  machine,
  orbstack,
  rancherDesktop,
} from '../../cluster/drivers/k3d/machines.ts';

/** Output of `docker volume inspect` of Docker 20.10. */
const inspected = (Labels: object, Options: object) =>
  volumeFrom(
    JSON.stringify([
      {
        CreatedAt: '2026-11-21T21:50:13Z',
        Driver: 'local',
        Labels,
        Mountpoint: '/var/lib/docker/volumes/coppice-databases/_data',
        Name: 'coppice-databases',
        Options,
        Scope: 'local',
      },
    ]),
  );
const ours = inspected({ 'coppice.dev/owner': 'a1b2c3d4e5f6' }, {});
const theirs = inspected({}, { device: '/srv/xfs/coppice', o: 'bind', type: 'none' });
if (ours === undefined || theirs === undefined) throw new Error('both are volumes');

test('our label marks a volume as ours, and its path is the configured one', () => {
  expect(ours).toEqual({ name: 'coppice-databases', owner: 'a1b2c3d4e5f6' });
  expect(theirs).toEqual({ name: 'coppice-databases', owner: undefined, device: '/srv/xfs/coppice' });
  expect(volumeFrom('[]')).toBeUndefined();
});

test('doctor shows where it is, and what a reset does to one that is not ours', () => {
  expect(volumeCheck(ours, machine(debian)).detail).toBe(
    "the Docker volume coppice-databases, among Docker's own data (/var/lib/docker)",
  );
  expect(volumeCheck(theirs, machine(debian)).detail).toMatch(
    /\/srv\/xfs\/coppice, made by hand.*empties and keeps/,
  );
});

test('full copies are no fault, but doctor shows what would make them fast here', () => {
  for (const recorded of [debian, dockerDesktop, colima, orbstack, rancherDesktop]) {
    const { ok, detail } = copiesCheck(false, ours, machine(recorded));
    expect(ok).toBe(true);
    expect(detail).toMatch(/^every database is a full copy; to have them share blocks: \S/);
  }
  expect(copiesCheck(true, ours, machine(debian)).detail).toBe(
    'databases share the blocks of their template',
  );
});

test('each system gets only advice that works on it', () => {
  expect(fasterCopies('linux', ours)).toMatch(/device=\/FOLDER coppice-databases.*data-root/);
  expect(fasterCopies('colima', ours)).toMatch(/provision.*docs\/cluster\.md/);
  for (const kind of ['docker-desktop', 'rancher-desktop'] as const) {
    expect(fasterCopies(kind, ours)).toContain('no setting changes that');
    expect(fasterCopies(kind, ours)).not.toContain('docker volume create');
  }
  expect(fasterCopies('orbstack', ours)).toContain('Btrfs');
});

test('for a volume that is bound to a folder the advice is about that folder', () => {
  expect(fasterCopies('linux', theirs)).toContain('/srv/xfs/coppice, which cannot share blocks');
});
