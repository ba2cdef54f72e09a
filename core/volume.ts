/** Where a server of the platform keeps its data. */
export type Volume = HostFolder | NodeFolder | VolumeClaim;

/** Where the platform's PostgreSQL keeps its data. */
export type DatabaseVolume = DatabaseFolder | NodeFolder | VolumeClaim;

/** A folder of this machine that `wt cluster start` creates before any pod runs. */
export interface HostFolder {
  readonly kind: 'host-path';
  readonly path: string;
}

/** A {@link HostFolder}, with the cost of copying databases on it. */
export interface DatabaseFolder extends HostFolder {
  /** `loop`: on a file system of its own, in a sparse file. `folder`: on the existing file system. */
  readonly fileSystem: 'loop' | 'folder';
  /** Files on it can share their blocks, so a clone costs next to nothing. */
  readonly reflink: boolean;
  /** Why it is a folder without reflinks. */
  readonly why?: string;
}

/** A folder on the nodes of a cluster; the server's pod sets its permissions. */
export interface NodeFolder {
  readonly kind: 'node-folder';
  readonly path: string;
}

export interface VolumeClaim {
  readonly kind: 'claim';
  /** A Kubernetes quantity, for example `20Gi`. */
  readonly size: string;
  /** The default storage class when absent. */
  readonly storageClass?: string;
}
