/** What a pod of the platform may do and no pod of an environment may, see infra/environment/pod.ts. */
export interface PodException {
  readonly serviceAccountToken: boolean;
  readonly hostNetwork: boolean;
  /** Of its containers. */
  readonly capabilities: readonly string[];
  /** Rights of an init container that passes a folder of a node to a server. */
  readonly ownFolder?: OwnFolder;
}

export interface OwnFolder {
  readonly user: number;
  readonly capabilities: readonly string[];
}

/**
 * A server that keeps data. In a cluster that is not ours a folder of the node belongs to root until its owner is
 * changed.
 */
export const storedServer = {
  serviceAccountToken: false,
  hostNetwork: false,
  capabilities: [],
  ownFolder: { user: 0, capabilities: ['CHOWN', 'FOWNER', 'DAC_OVERRIDE'] },
} as const satisfies PodException;
