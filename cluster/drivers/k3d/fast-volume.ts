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
      return `make the volume before ${newCluster}, as a folder on XFS or Btrfs: ${bind(volume.name)}; or put Docker's data-root on such a file system`;
    case 'colima':
      return `its data disk is ext4 and cannot be another: make an XFS in a file of the virtual machine by \`provision\`, and the volume on it before ${newCluster}; docs/cluster.md has the script`;
    case 'docker-desktop':
      return 'the disk of its virtual machine is ext4, and no setting makes it another: every copy stays a full one. OrbStack keeps volumes on Btrfs, colima can be given an XFS, and on Linux Docker Engine or `--driver embedded` can';
    case 'rancher-desktop':
      return 'the disk of its virtual machine is ext4, and no setting makes it another: every copy stays a full one. OrbStack keeps volumes on Btrfs, colima can be given an XFS';
    case 'orbstack':
      return 'OrbStack says that its disk is Btrfs, on which blocks are shared: that they are not here is nothing that we know of';
    case 'virtual-machine':
    case 'remote':
      return `if there is an XFS or Btrfs where Docker runs, make the volume there before ${newCluster}: ${bind(volume.name)}`;
  }
}
