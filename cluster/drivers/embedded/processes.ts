import type { ConfigContext } from './config-files.ts';
import { nodeName } from './config-files.ts';
import { policyQueue } from './firewall.ts';
import { type Programs, searchPath } from './programs.ts';

/** What must exist before it is worth starting a process. */
export type Need =
  | { readonly file: string }
  | { readonly socket: string }
  /** The API server reports that it is ready; folder of the certificates to query it with. */
  | { readonly api: string; readonly pki: string };

export interface ProcessSpec {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly needs: readonly Need[];
  /** A file without which it is not wanted at all: nothing is said of it then. */
  readonly wantedWith?: string;
  /** For processes whose sockets would otherwise be open to everybody. */
  readonly umask?: number;
}

/**
 * Makes Go collect earlier: a cluster of one node is idle most of the time. The limit is twice the measured use, a
 * backstop only: a collector at its limit takes a core.
 */
const thrifty = (limit: string) => ({ GOGC: '50', GOMEMLIMIT: limit });

/** Name of the program that enforces network policies, of its kubeconfig and, behind `system:`, of its user. */
export const policyUser = 'kube-network-policies';

/** Controllers that only clouds, many nodes or certificate requests need; each keeps its own caches. */
const unneededControllers = [
  'bootstrap-signer-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'cloud-node-lifecycle-controller',
  'device-taint-eviction-controller',
  'endpointslice-mirroring-controller',
  'legacy-serviceaccount-token-cleaner-controller',
  'node-ipam-controller',
  'node-route-controller',
  'persistentvolume-attach-detach-controller',
  'persistentvolume-expander-controller',
  'podcertificaterequest-cleaner-controller',
  'replicationcontroller-controller',
  'resourceclaim-controller',
  'service-lb-controller',
  'storage-version-migrator-controller',
  'storageversion-garbage-collector-controller',
  'token-cleaner-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
];

/** The processes of the cluster, in the order in which a person would start them. */
export function processTable(context: ConfigContext, programs: Programs): ProcessSpec[] {
  const { layout, addresses, apiPort } = context;
  const config = (name: string) => `${layout.config}/${name}`;
  const kubeconfig = (name: string) => `${layout.kubeconfigs}/${name}.conf`;
  const pki = (name: string) => `${layout.pki}/${name}`;
  const certified: Need = { file: kubeconfig('complete') };
  const api: Need = { api: `https://${addresses.node}:${apiPort}/readyz`, pki: layout.pki };
  const path = { PATH: searchPath(programs) };
  return [
    {
      name: 'containerd',
      argv: [programs.containerd, '--config', config('containerd.toml'), '--log-level', 'warn'],
      env: { ...path, GOGC: '50' },
      needs: [],
    },
    {
      name: 'kine',
      argv: [
        programs.kine,
        `--endpoint=sqlite://${layout.kine}/state.db?_journal=WAL&cache=shared&_busy_timeout=30000&_synchronous=NORMAL`,
        `--listen-address=unix://${layout.kineSocket}`,
        '--metrics-bind-address=0',
        // The API server sends etcd 3.5.13 and newer no consistent list: it waits for a progress notification, which
        // kine sends late (a list took 90 to 730 ms; a direct one takes 3).
        '--emulated-etcd-version=3.5.12',
      ],
      env: { ...path, ...thrifty('200MiB') },
      needs: [],
      umask: 0o177,
    },
    {
      name: 'kube-apiserver',
      argv: [
        programs['kube-apiserver'],
        `--etcd-servers=unix://${layout.kineSocket}`,
        `--bind-address=${addresses.node}`,
        `--advertise-address=${addresses.node}`,
        `--secure-port=${apiPort}`,
        `--service-cluster-ip-range=${addresses.serviceCidr}`,
        '--anonymous-auth=false',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        `--client-ca-file=${pki('ca.crt')}`,
        `--tls-cert-file=${pki('apiserver.crt')}`,
        `--tls-private-key-file=${pki('apiserver.key')}`,
        `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
        `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
        // Otherwise `kubectl logs` looks the node's name up in DNS.
        '--kubelet-preferred-address-types=InternalIP',
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${pki('sa.pub')}`,
        `--service-account-signing-key-file=${pki('sa.key')}`,
        '--enable-priority-and-fairness=false',
        '--profiling=false',
        '--shutdown-delay-duration=0s',
      ],
      env: { ...path, ...thrifty('500MiB') },
      needs: [{ socket: layout.kineSocket }, certified],
    },
    {
      name: 'kube-controller-manager',
      argv: [
        programs['kube-controller-manager'],
        `--kubeconfig=${kubeconfig('controller-manager')}`,
        '--leader-elect=false',
        '--secure-port=0',
        `--controllers=${['*', ...unneededControllers.map((name) => `-${name}`)].join(',')}`,
        `--root-ca-file=${pki('ca.crt')}`,
        `--service-account-private-key-file=${pki('sa.key')}`,
        '--use-service-account-credentials=true',
        '--profiling=false',
      ],
      env: { ...path, ...thrifty('250MiB') },
      needs: [certified, api],
    },
    {
      name: 'kube-scheduler',
      argv: [
        programs['kube-scheduler'],
        `--kubeconfig=${kubeconfig('scheduler')}`,
        '--leader-elect=false',
        '--secure-port=0',
        '--profiling=false',
      ],
      env: { ...path, ...thrifty('150MiB') },
      needs: [certified, api],
    },
    {
      name: 'kubelet',
      argv: [
        programs.kubelet,
        `--config=${config('kubelet.yaml')}`,
        `--kubeconfig=${kubeconfig('kubelet')}`,
        `--root-dir=${layout.kubeletRoot}`,
        `--cert-dir=${layout.kubeletRoot}/pki`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${addresses.node}`,
      ],
      env: { ...path, ...thrifty('250MiB') },
      needs: [{ socket: layout.containerdSocket }, certified],
    },
    {
      name: 'kube-proxy',
      argv: [programs['kube-proxy'], `--config=${config('kube-proxy.yaml')}`],
      env: { ...path, ...thrifty('150MiB') },
      needs: [certified, api],
    },
    {
      name: 'coredns',
      argv: [programs.coredns, '-conf', config('Corefile'), '-quiet'],
      env: { ...path, ...thrifty('150MiB') },
      needs: [certified, api],
    },
    {
      name: policyUser,
      argv: [
        layout.policyProgram,
        `--kubeconfig=${kubeconfig(policyUser)}`,
        `--node=${nodeName}`,
        `--queue=${policyQueue}`,
      ],
      env: { ...path, ...thrifty('100MiB') },
      needs: [certified, { file: kubeconfig(policyUser) }, api],
      wantedWith: layout.policyProgram,
    },
  ];
}
