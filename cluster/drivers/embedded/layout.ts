import { join } from 'node:path';
import type { Settings } from '../../../config/settings/settings.ts';
import { sha256 } from '../../../core/hash.ts';

/** Where all files of the cluster are. `data` survives a reboot, `run` is recreated by every cold start. */
export interface Layout {
  readonly data: string;
  readonly run: string;
  readonly pki: string;
  /** Kubeconfigs of the cluster's own components and of the administrator. */
  readonly kubeconfigs: string;
  readonly kine: string;
  /** Mount point, or folder, of the platform's databases. */
  readonly databases: string;
  /** The image file mounted there when the data folder's own file system cannot share blocks. */
  readonly databaseImage: string;
  readonly containerdRoot: string;
  readonly kubeletRoot: string;
  readonly podLogs: string;
  /** A link to the program that enforces network policies; absent while nothing needs it. */
  readonly policyProgram: string;
  readonly logs: string;
  readonly config: string;
  /** The supervisor's orders, written by `start`. */
  readonly plan: string;
  /** The supervisor's report, readable by everybody. */
  readonly state: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly kineSocket: string;
  readonly runc: string;
  readonly cniConfig: string;
  readonly cniLeases: string;
  readonly bridge: string;
  /** Name of our branch of every cgroup hierarchy: what is in it is ours. */
  readonly cgroup: string;
}

export function layoutOf(embedded: Settings['embedded']): Layout {
  const { dataFolder: data, runFolder: run, bridge } = embedded;
  return {
    data,
    run,
    bridge,
    pki: join(data, 'pki'),
    kubeconfigs: join(data, 'kubeconfigs'),
    kine: join(data, 'kine'),
    databases: join(data, 'databases'),
    databaseImage: join(data, 'databases.xfs'),
    containerdRoot: join(data, 'containerd'),
    kubeletRoot: join(data, 'kubelet'),
    podLogs: join(data, 'pod-logs'),
    policyProgram: join(data, 'programs', 'kube-network-policies'),
    logs: join(data, 'logs'),
    config: join(run, 'config'),
    plan: join(run, 'plan.json'),
    state: join(run, 'state.json'),
    containerdState: join(run, 'containerd'),
    containerdSocket: join(run, 'containerd', 'containerd.sock'),
    kineSocket: join(run, 'kine', 'kine.sock'),
    runc: join(run, 'runc'),
    cniConfig: join(run, 'cni', 'net.d'),
    cniLeases: join(run, 'cni', 'networks'),
    // Two kubelets with one cgroup root would kill each other's pods as orphans, so the name is derived from the
    // folder.
    cgroup: `coppice-${sha256(run, 8)}`,
  };
}
