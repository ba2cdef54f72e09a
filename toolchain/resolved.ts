export interface ResolvedProgram {
  readonly name: string;
  /** Absolute path of the program; of a folder for `cni-plugins` and `gateway-api-crds`. */
  readonly path: string;
  readonly version: string;
  /** `release` and `registry` when it was installed just now. */
  readonly source: 'cache' | 'path' | 'release' | 'registry';
  /** In plain words. */
  readonly detail: string;
}
