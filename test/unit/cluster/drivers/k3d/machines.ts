import type { DockerInfo } from '../../../../../cluster/drivers/k3d/docker-info.ts';
import {
  type DockerMachine,
  machineFrom,
  type Way,
} from '../../../../../cluster/drivers/k3d/docker-machine.ts';

/**
 * Output of `docker info` on such machines, cut to what we read. All but the first come from what people published,
 * printed as text: bytes of memory are computed from the two or three digits there. Sockets are where the programs' own
 * documentation puts them.
 */
export interface Recorded {
  readonly info: DockerInfo;
  readonly way: Way;
  readonly platform: NodeJS.Platform;
}

const GIB = 1024 ** 3;
const usual = { OSType: 'linux', DockerRootDir: '/var/lib/docker' };
const overlay2 = (fileSystem: string) => [
  ['Backing Filesystem', fileSystem],
  ['Supports d_type', 'true'],
];
/** Since Docker 29, and in Docker Desktop before: containerd keeps images, and nothing is reported about the disk. */
const containerd = [['driver-type', 'io.containerd.snapshotter.v1']];

/** Our own: Debian's docker.io 20.10.24, queried as JSON. */
export const debian: Recorded = {
  info: {
    ...usual,
    Name: 'vm',
    ServerVersion: '20.10.24+dfsg1',
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    NCPU: 2,
    MemTotal: 25276502016,
    DriverStatus: [...overlay2('extfs'), ['Native Overlay Diff', 'true'], ['userxattr', 'false']],
  },
  way: { context: 'default', endpoint: 'unix:///var/run/docker.sock' },
  platform: 'linux',
};

/** https://github.com/docker/compose/issues/9369, an Intel Mac */
export const dockerDesktop: Recorded = {
  info: {
    ...usual,
    Name: 'docker-desktop',
    ServerVersion: '20.10.13',
    OperatingSystem: 'Docker Desktop',
    NCPU: 4,
    MemTotal: Math.round(3.842 * GIB),
    DriverStatus: overlay2('extfs'),
  },
  way: { context: 'desktop-linux', endpoint: 'unix:///Users/ada/.docker/run/docker.sock' },
  platform: 'darwin',
};

/**
 * A log in a public repository: colima with its defaults, Docker 29.5.2, Ubuntu 24.04.4 LTS on aarch64, kernel
 * 6.8.0-117-generic
 */
export const colima: Recorded = {
  info: {
    ...usual,
    Name: 'colima',
    ServerVersion: '29.5.2',
    OperatingSystem: 'Ubuntu 24.04.4 LTS',
    NCPU: 2,
    MemTotal: Math.round(1.913 * GIB),
    DriverStatus: containerd,
  },
  way: { context: 'colima', endpoint: 'unix:///Users/ada/.colima/default/docker.sock' },
  platform: 'darwin',
};

/** A log in a public repository: kernel 6.17.8-orbstack-00308-g8f9c941121b1 on an Intel Mac */
export const orbstack: Recorded = {
  info: {
    ...usual,
    Name: 'orbstack',
    ServerVersion: '28.5.2',
    OperatingSystem: 'OrbStack',
    NCPU: 6,
    MemTotal: Math.round(15.67 * GIB),
    DriverStatus: overlay2('btrfs'),
  },
  way: { context: 'orbstack', endpoint: 'unix:///Users/ada/.orbstack/run/docker.sock' },
  platform: 'darwin',
};

/** A log in a public repository: Docker 26.1.5, kernel 6.6.51-0-virt on an Intel Mac */
export const rancherDesktop: Recorded = {
  info: {
    ...usual,
    Name: 'lima-rancher-desktop',
    ServerVersion: '26.1.5',
    OperatingSystem: 'Alpine Linux v3.20',
    NCPU: 2,
    MemTotal: Math.round(3.835 * GIB),
    DriverStatus: overlay2('extfs'),
  },
  way: { context: 'rancher-desktop', endpoint: 'unix:///Users/ada/.rd/docker.sock' },
  platform: 'darwin',
};

export const machine = ({ info, way, platform }: Recorded, other: Partial<Way> = {}): DockerMachine =>
  machineFrom(info, { ...way, ...other }, platform);
