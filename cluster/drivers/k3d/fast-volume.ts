import type { DataVolume } from './data-volume.ts';
import type { EngineKind } from './docker-machine.ts';

/** Before a cluster is created, as the databases do not move by themselves. */
const bind = (volume: string) =>
  `docker volume create --driver local --opt type=none --opt o=bind --opt device=/FOLDER ${volume}`;
const newCluster = 'a new cluster (`wt cluster reset` deletes the databases of this one)';

/**
 * What would make database copies fast if the volume's files cannot share blocks; docs/cluster.md says how each was
 * found and which were tried.
 */
export function fasterCopies(kind: EngineKind, volume: Pick<DataVolume, 'name' | 'device'>): string {
  if (volume.device !== undefined) {
    return `the volume ${volume.name} lies at ${volume.device}, which cannot share blocks: put an XFS (mkfs.xfs -m reflink=1) or Btrfs there, for ${newCluster}`;
  }
  switch (kind) {
    case 'linux':
      return `create the volume before ${newCluster}, as a folder on XFS or Btrfs: ${bind(volume.name)}; or put Docker's data-root on such a file system`;
    case 'colima':
      return `its data disk is ext4, which cannot be changed: create an XFS in a file of the virtual machine with \`provision\`, and the volume on it before ${newCluster}; docs/cluster.md has the script`;
    case 'docker-desktop':
      return 'the disk of its virtual machine is ext4, and no setting changes that: every copy is a full one. OrbStack keeps volumes on Btrfs, colima can use an XFS, and so can Docker Engine or `--driver embedded` on Linux';
    case 'rancher-desktop':
      return 'the disk of its virtual machine is ext4, and no setting changes that: every copy is a full one. OrbStack keeps volumes on Btrfs, colima can use an XFS';
    case 'orbstack':
      return 'OrbStack reports Btrfs as its disk, where blocks are shared; we do not know why they are not shared here';
    case 'virtual-machine':
    case 'remote':
      return `if there is an XFS or Btrfs where Docker runs, create the volume there before ${newCluster}: ${bind(volume.name)}`;
  }
}
