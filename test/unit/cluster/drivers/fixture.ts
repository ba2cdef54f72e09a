import { addressesOf } from '../../../../cluster/drivers/embedded/addresses.ts';
import type { ConfigContext } from '../../../../cluster/drivers/embedded/config-files.ts';
import { layoutOf } from '../../../../cluster/drivers/embedded/layout.ts';
import type { Programs } from '../../../../cluster/drivers/embedded/programs.ts';
import { settingsSchema } from '../../../../config/settings/settings.ts';

const { embedded } = settingsSchema.parse({});

export const configContext: ConfigContext = {
  layout: layoutOf(embedded),
  addresses: addressesOf(embedded.podCidr, embedded.serviceCidr),
  apiPort: embedded.apiPort,
  cniPlugins: '/opt/cni/bin',
  kubernetesVersion: 'v1.34.10',
  apparmor: false,
  nameservers: ['192.0.2.53'],
};

export const programs: Programs = {
  containerd: '/opt/c/containerd',
  ctr: '/opt/c/ctr',
  runc: '/opt/r/runc',
  iptables: '/usr/sbin/iptables',
  conntrack: '/usr/sbin/conntrack',
  kine: '/opt/k/kine',
  'kube-apiserver': '/opt/k/kube-apiserver',
  'kube-controller-manager': '/opt/k/kube-controller-manager',
  'kube-scheduler': '/opt/k/kube-scheduler',
  'kube-proxy': '/opt/k/kube-proxy',
  kubelet: '/opt/k/kubelet',
  kubeadm: '/opt/k/kubeadm',
  coredns: '/opt/k/coredns',
  cniPlugins: '/opt/cni/bin',
  kubernetesVersion: 'v1.34.10',
};
