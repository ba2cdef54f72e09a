import type { Settings } from '../config/settings/settings.ts';
import type { Progress } from '../core/progress.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';

export interface DriverContext {
  readonly settings: Settings;
  readonly progress: Progress;
  /** Receives Ctrl+C and SIGTERM: the latest handler does, until the function that `handle` returned is called. */
  readonly interrupts?: { handle(handler: () => void): () => void };
}

export interface ClusterStatus {
  readonly state: 'running' | 'degraded' | 'stopped' | 'absent';
  /** One line per part: a process with its pid, the node, the API server. */
  readonly parts: readonly { readonly name: string; readonly state: string; readonly detail?: string }[];
  /** Why it is not `running`. */
  readonly problem?: string;
}

export interface StartOptions {
  /** Recreate an existing cluster with the current settings and pins; its data are kept. Only k3d's driver can. */
  readonly recreate?: boolean;
}

/** How to get a cluster. Every call may be repeated; `start` on a running cluster changes nothing. */
export interface ClusterDriver {
  readonly name: ClusterRecord['driver'];
  /** Resolves when the node is Ready and the API answers; writes the record and the kubeconfig. */
  start(options?: StartOptions): Promise<ClusterRecord>;
  /**
   * Throws what `start` would throw before it changes anything. `free`: ports of 127.0.0.1 that are taken now and will
   * be free by then.
   */
  check(free: readonly number[]): Promise<void>;
  /** Ends every process, mount, interface and iptables chain of ours; data are kept. */
  stop(): Promise<void>;
  status(): Promise<ClusterStatus>;
  /** Path of a kubeconfig, and its context. */
  kubeconfig(): { readonly path: string; readonly context: string };
  /** Loads OCI or docker archives (`.tar`) into the nodes under the names they carry. */
  importImages(archives: readonly string[]): Promise<void>;
  /** `stop`, then deletes the data. */
  reset(): Promise<void>;
}
