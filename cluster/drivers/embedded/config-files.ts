import { stringify } from 'yaml';
import type { Addresses } from './addresses.ts';
import type { Layout } from './layout.ts';

export const nodeName = 'coppice';
/** Our own tag on the catalogue's `pause`: containerd needs the name before the images are there. */
export const sandboxImage = 'coppice.local/sandbox:pause';

export interface ConfigContext {
  readonly layout: Layout;
  readonly addresses: Addresses;
  readonly apiPort: number;
  /** Folder of the CNI plugins. */
  readonly cniPlugins: string;
  /** `v1.34.10`. */
  readonly kubernetesVersion: string;
  /** AppArmor is on and its parser is installed. */
  readonly apparmor: boolean;
  /** Name servers of this machine; without any, only the cluster's own names resolve. */
  readonly nameservers: readonly string[];
}

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Every configuration file of the cluster's processes. */
export function configFiles(context: ConfigContext): ConfigFile[] {
  const at = (name: string) => `${context.layout.config}/${name}`;
  return [
    { path: at('containerd.toml'), text: containerdConfig(context) },
    { path: at('kubelet.yaml'), text: stringify(kubeletConfig(context)) },
    { path: at('kube-proxy.yaml'), text: stringify(kubeProxyConfig(context)) },
    { path: at('kubeadm.yaml'), text: kubeadmConfig(context) },
    { path: at('Corefile'), text: corefile(context) },
    { path: at('resolv.conf'), text: `nameserver ${context.addresses.node}\n` },
    {
      path: `${context.layout.cniConfig}/10-coppice.conflist`,
      text: `${JSON.stringify(cniConfig(context), null, 2)}\n`,
    },
  ];
}

/** @internal Its test reads the file that it writes. */
export function containerdConfig({ layout, cniPlugins, apparmor }: ConfigContext): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(layout.containerdRoot)}
state = ${text(layout.containerdState)}
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
  address = ${text(layout.containerdSocket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(sandboxImage)}
  # Without CAP_SYS_RESOURCE a lower score than containerd's own cannot be given, and every sandbox fails.
  restrict_oom_score_adj = true
  disable_apparmor = ${!apparmor}
  # Network namespaces are mounts: below our own folder they can be told from other people's.
  netns_mounts_under_state_dir = true
  enable_unprivileged_ports = true
  stream_server_address = "127.0.0.1"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniPlugins)}
    conf_dir = ${text(layout.cniConfig)}

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = ${text(layout.runc)}
`;
}

/** @internal Its test reads the file that it writes. */
export function kubeletConfig({ layout, addresses }: ConfigContext): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${layout.pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${layout.cgroup}`,
    failSwapOn: false,
    failCgroupV1: false,
    oomScoreAdj: 0,
    clusterDNS: [addresses.node],
    clusterDomain: 'cluster.local',
    resolvConf: `${layout.config}/resolv.conf`,
    podLogsDir: layout.podLogs,
    volumePluginDir: `${layout.kubeletRoot}/volume-plugins`,
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 3,
    // Imported images cannot be pulled again, so they are never garbage-collected.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // Kubernetes' own thresholds (10 %, 15 %) would evict pods from a laptop with 20 GB left.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '512Mi',
      'imagefs.available': '512Mi',
      'nodefs.inodesFree': '1%',
    },
    evictionPressureTransitionPeriod: '30s',
    maxPods: 500,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    // The default watches every Secret, and a pod whose watch takes over a second to start is delayed by ten seconds.
    configMapAndSecretChangeDetectionStrategy: 'Cache',
    makeIPTablesUtilChains: false,
    nodeStatusUpdateFrequency: '5s',
    enableProfilingHandler: false,
    enableDebugFlagsHandler: false,
    logging: { verbosity: 1 },
  };
}

/** @internal Its test reads the file that it writes. */
export function kubeProxyConfig({ layout, addresses }: ConfigContext): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    bindAddress: addresses.node,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clientConnection: { kubeconfig: `${layout.kubeconfigs}/kube-proxy.conf` },
    clusterCIDR: addresses.podCidr,
    hostnameOverride: nodeName,
    mode: 'iptables',
    // At worst a new service answers one period after its pod; Kubernetes' own second is half of an `up`.
    iptables: { minSyncPeriod: '100ms', syncPeriod: '30s', localhostNodePorts: false },
    nodePortAddresses: [`${addresses.node}/32`],
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
    enableProfiling: false,
  };
}

/** @internal Its test reads the file that it writes. */
export function cniConfig({ layout, addresses }: ConfigContext): object {
  return {
    cniVersion: '1.0.0',
    // Part of the name of every result that libcni caches, so that ours can be told from others'.
    name: layout.bridge,
    plugins: [
      {
        type: 'bridge',
        bridge: layout.bridge,
        isGateway: true,
        // Masquerading is one rule in COPPICE-POSTROUTING instead of a chain per pod.
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: addresses.podCidr, gateway: addresses.node }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: layout.cniLeases,
        },
      },
    ],
  };
}

/**
 * The block `kubernetes` must stand on several lines.
 *
 * @internal Its test reads the file that it writes.
 */
export function corefile({ layout, addresses, nameservers }: ConfigContext): string {
  const forward = nameservers.length === 0 ? '' : `    forward . ${nameservers.join(' ')}\n`;
  return `.:53 {
    bind ${addresses.node}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig ${layout.kubeconfigs}/coredns.conf
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }
${forward}    cache 5
}
`;
}

/**
 * For `kubeadm init phase certs` and `kubeconfig`; nothing else of kubeadm is used.
 *
 * @internal Its test reads the file that it writes.
 */
export function kubeadmConfig({ layout, addresses, apiPort, kubernetesVersion }: ConfigContext): string {
  const documents = [
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      kubernetesVersion,
      clusterName: 'coppice',
      certificatesDir: layout.pki,
      controlPlaneEndpoint: `${addresses.node}:${apiPort}`,
      networking: { podSubnet: addresses.podCidr, serviceSubnet: addresses.serviceCidr },
      apiServer: { certSANs: [addresses.node, '127.0.0.1', 'localhost'] },
      // One machine, one user: ten years, so that no cluster stops working on a Sunday.
      certificateValidityPeriod: '87600h0m0s',
      caCertificateValidityPeriod: '87600h0m0s',
    },
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: addresses.node, bindPort: apiPort },
      nodeRegistration: { name: nodeName, criSocket: `unix://${layout.containerdSocket}` },
    },
  ];
  return documents.map((document) => stringify(document)).join('---\n');
}
