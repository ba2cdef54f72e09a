// Stand-ins for images when no registry is reachable: a node of k3s, k3d's tools, and an image registry.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { registryImage } from '../../../cluster/drivers/k3d/names.ts';
import { writeImage } from '../../../cluster/images/archive.ts';
import type { ContainerDefaults, Entry, ImageLayout } from '../../../cluster/images/layout.ts';
import { appletPaths, folderEntries, sharedLibraries } from '../../../cluster/images/machine-files.ts';
import { baseEntries, merged, searchPath } from '../../../cluster/images/recipes/base.ts';
import { pauseLayout } from '../../../cluster/images/recipes/pause.ts';
import { packageRoot } from '../../../core/package-root.ts';
import { manifest } from '../../../toolchain/manifest.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';

const run = promisify(execFile);
/** Also found when run from the benchmarks' bundles. */
const here = join(packageRoot(), 'test', 'k3d', 'stand-in');

/** Kubernetes' programs on one node, with what each of them needs. */
const kubernetes = [
  ...(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'] as const),
  ...(['kubeadm', 'kubectl', 'kine', 'coredns', 'containerd', 'runc'] as const),
] as const;

/** Programs of this machine that are copied into the node unchanged, if they exist. */
const machinePrograms = [
  ...['/usr/bin/ctr', '/usr/bin/containerd-shim-runc-v2', '/usr/sbin/xtables-nft-multi', '/usr/sbin/ip'],
  ...['/usr/bin/mount', '/usr/bin/umount', '/usr/sbin/conntrack', '/usr/bin/nsenter', '/usr/bin/find'],
  ...['/usr/bin/xargs', '/usr/bin/findmnt'],
];
const iptablesNames = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
const applets = /(^|\/)(ip|mount|umount|nsenter|xargs|find)$/;

const text = (name: string) =>
  readFileSync(join(here, name), 'utf8').replaceAll('@KUBERNETES@', manifest.programs.kubelet.version);
const program = (path: string, from: string): Entry => ({ kind: 'copy', path, from, mode: 0o755 });

/** The name describes the image, and changes with its content. */
export const nodeStandIn = `coppice.local/k3s-stand-in:${hashOf('k3s-stand-in.sh', 'ctr-stand-in.sh', 'images.ts')}`;
const registryStandIn = `coppice.local/registry-stand-in:${hashOf('registry-stand-in.sh', 'images.ts')}`;

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  return hash.digest('hex').slice(0, 8);
}

/** Loads the missing ones into the Docker engine of DOCKER_HOST. */
export async function loadStandIns(folder: string): Promise<void> {
  if (!(await has(nodeStandIn))) await load(folder, nodeStandIn, await nodeLayout(folder));
  if (!(await has(registryStandIn))) await load(folder, registryStandIn, await registryLayout());
  // The name in our k3d configuration; an image that exists is not pulled.
  await run('docker', ['tag', registryStandIn, registryImage]);
}

async function has(reference: string): Promise<boolean> {
  return run('docker', ['image', 'inspect', reference]).then(
    () => true,
    () => false,
  );
}

async function load(folder: string, reference: string, layout: ImageLayout): Promise<void> {
  const archive = join(folder, 'stand-in.tar');
  await writeImage(archive, reference, layout);
  await run('docker', ['load', '--input', archive]);
  await rm(archive);
}

async function nodeLayout(folder: string): Promise<ImageLayout> {
  const programs = await ensurePrograms([...kubernetes, 'busybox', 'catatonit']);
  const sandbox = join(folder, 'sandbox.tar');
  const { version, path } = programs.catatonit;
  await writeImage(sandbox, 'coppice.local/sandbox:pause', pauseLayout({ version, catatonit: path }));
  const ofMachine = machinePrograms.filter(existsSync);
  const filters = '/usr/lib/x86_64-linux-gnu/xtables';
  const extensions = await folderEntries(filters, filters.slice(1));
  const linked = [
    ...[...ofMachine, programs.containerd.path, programs.runc.path].map((file) => realpathSync(file)),
    ...extensions.flatMap((entry) => (entry.kind === 'copy' ? [entry.from] : [])),
  ];
  const libraries = new Set((await Promise.all(linked.map(sharedLibraries))).flat());
  const shell = (await appletPaths(programs.busybox.path)).filter((path) => !applets.test(path));
  return {
    version: manifest.programs.kubelet.version,
    entries: [
      ...baseEntries(),
      ...kubernetes.map((name) => program(`usr/local/bin/${name}`, realpathSync(programs[name].path))),
      ...ofMachine.map((file) =>
        program(file === '/usr/bin/ctr' ? 'usr/bin/ctr.real' : merged(file), realpathSync(file)),
      ),
      ...iptablesNames.map(
        (name): Entry => ({
          kind: 'link',
          path: `usr/sbin/${name}`,
          target: 'xtables-nft-multi',
        }),
      ),
      ...[...libraries].map((file) => program(merged(file), realpathSync(file))),
      ...extensions,
      ...(await folderEntries('/usr/lib/cni', 'usr/lib/cni')),
      { kind: 'copy', path: 'usr/share/k3s-stand-in/sandbox.tar', from: sandbox, mode: 0o644 },
      program('usr/bin/busybox', programs.busybox.path),
      { kind: 'text', path: 'usr/bin/k3s', text: text('k3s-stand-in.sh'), mode: 0o755 },
      { kind: 'text', path: 'usr/bin/ctr', text: text('ctr-stand-in.sh'), mode: 0o755 },
      ...shell.map((path): Entry => ({ kind: 'link', path: merged(path), target: '/usr/bin/busybox' })),
    ],
    defaults: nodeDefaults,
  };
}

/** As in the image of k3s; on Docker's own layers containerd could not mount any. */
const nodeDefaults: ContainerDefaults & { readonly Volumes: object } = {
  Env: [searchPath, 'KUBECONFIG=/etc/rancher/k3s/k3s.yaml'],
  Entrypoint: ['/bin/k3s'],
  Cmd: ['agent'],
  Volumes: { '/var/lib/kubelet': {}, '/var/lib/rancher/k3s': {}, '/var/lib/cni': {}, '/var/log': {} },
};

async function registryLayout(): Promise<ImageLayout> {
  const { busybox } = await ensurePrograms(['busybox']);
  const crane = process.env.COPPICE_TEST_CRANE;
  if (crane === undefined) throw new Error('these tests run by `npm test`, which builds crane for them');
  return {
    version: '1',
    entries: [
      ...baseEntries(),
      program('usr/bin/crane', crane),
      program('usr/bin/busybox', busybox.path),
      { kind: 'link', path: 'usr/bin/sh', target: 'busybox' },
      { kind: 'text', path: 'usr/bin/registry', text: text('registry-stand-in.sh'), mode: 0o755 },
    ],
    defaults: { Env: [searchPath], Entrypoint: ['/usr/bin/registry'] },
  };
}
