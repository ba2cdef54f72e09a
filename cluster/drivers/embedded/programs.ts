/** Absolute paths of the programs that the cluster is made of. */
export interface Programs {
  readonly containerd: string;
  readonly ctr: string;
  readonly kine: string;
  readonly 'kube-apiserver': string;
  readonly 'kube-controller-manager': string;
  readonly 'kube-scheduler': string;
  readonly 'kube-proxy': string;
  readonly kubelet: string;
  readonly kubeadm: string;
  readonly coredns: string;
}

/** Folder of the CNI plugins of Debian's package. */
export const cniPlugins = '/usr/lib/cni';

/** containerd finds its shim and runc, kube-proxy finds iptables and conntrack here; sudo's own PATH may lack sbin. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
