/** The target of a compiled program: the same names as Node's `process.platform` and `process.arch`. */
export interface HostPlatform {
  readonly platform: string;
  readonly arch: string;
}

/** The same for a node, in Kubernetes' words (`node.status.nodeInfo`), which are Go's: `linux`, `arm64`. */
export interface NodePlatform {
  readonly operatingSystem: string;
  readonly architecture: string;
}

/** Whether programs of this machine run on the nodes. */
export interface Platforms {
  readonly host: HostPlatform;
  /** Absent in the record of an older coppice, and where the nodes cannot be read: they count as the same. */
  readonly node?: NodePlatform;
}

/** https://nodejs.org/api/process.html#processplatform; all others have the same name in both. */
const operatingSystems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };

/** Node's names (https://nodejs.org/api/process.html#processarch) and the kernel's, as in `docker info`. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv6l: 'arm',
  armv7l: 'arm',
  ia32: '386',
  i386: '386',
  i686: '386',
  // Node is built only for the little-endian one.
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
  loongarch64: 'loong64',
};

/** This machine, in a node's words. */
export function asNode({ platform, arch }: HostPlatform): NodePlatform {
  return {
    operatingSystem: operatingSystems[platform] ?? platform,
    architecture: architectures[arch] ?? arch,
  };
}

/** Whether programs compiled on the host (`npm ci` with native packages) do not run on the nodes. */
export function differ({ host, node }: Platforms): boolean {
  if (node === undefined) return false;
  const here = asNode(host);
  const there = asNode({ platform: node.operatingSystem, arch: node.architecture });
  return here.operatingSystem !== there.operatingSystem || here.architecture !== there.architecture;
}
