import { dirname } from 'node:path';
import type { Progress } from '../../../core/progress.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';

const executables = [
  'containerd',
  'runc',
  'iptables',
  'conntrack',
  'kine',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubeadm',
  'coredns',
] as const;

/** The cluster's programs, by their absolute paths. */
export interface Programs extends Readonly<Record<(typeof executables)[number], string>> {
  readonly ctr: string;
  /** Folder of the CNI plugins. */
  readonly cniPlugins: string;
  /** kubelet's, in kubeadm's notation: `v1.34.10`. */
  readonly kubernetesVersion: string;
}

/** sudo's own PATH may lack sbin. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Installs what is missing; takes milliseconds when nothing is. Throws the toolchain's errors. */
export async function clusterPrograms(progress: Progress): Promise<Programs> {
  const resolved = await ensurePrograms([...executables, 'cni-plugins'], { progress });
  const path = (name: keyof typeof resolved) => resolved[name].path;
  return {
    ...(Object.fromEntries(executables.map((name) => [name, path(name)])) as Record<
      (typeof executables)[number],
      string
    >),
    ctr: `${dirname(path('containerd'))}/ctr`,
    cniPlugins: path('cni-plugins'),
    kubernetesVersion: `v${resolved.kubelet.version}`,
  };
}

/**
 * PATH of the cluster's processes: containerd finds its shim and runc there, kube-proxy finds iptables and conntrack.
 */
export function searchPath(programs: Programs): string {
  const folders = [programs.containerd, programs.runc, programs.iptables, programs.conntrack].map(dirname);
  return [...new Set([...folders, ...systemPath.split(':')])].join(':');
}
