/** What an init container may that gives a folder of a node to a server. */
export interface OwnFolder {
  readonly user: number;
  readonly capabilities: readonly string[];
}

/** Of a cluster that is not ours only: a folder of the node belongs to root until it is given to the server. */
const ownFolder: OwnFolder = { user: 0, capabilities: ['CHOWN', 'FOWNER', 'DAC_OVERRIDE'] };

/**
 * Every pod of the platform that is more than a pod of an environment may be, by name, with the reason. A pod that is
 * not listed gets nothing beyond: see environment/pod.ts.
 */
export const podExceptions = {
  traefik: {
    /** It watches routes, services and endpoints, and writes the routes' status. */
    serviceAccountToken: true,
    /** `ingress: host-loopback` only: it listens on the machine's own 127.0.0.1 and ::1, and nowhere else. */
    hostNetwork: true,
    /** Port 80 is below 1024: root with this one capability; on a higher port neither. */
    capabilities: ['NET_BIND_SERVICE'],
  },
  postgres: {
    serviceAccountToken: false,
    hostNetwork: false,
    capabilities: [],
    ownFolder,
  },
  temporal: { serviceAccountToken: false, hostNetwork: false, capabilities: [], ownFolder },
} as const;
