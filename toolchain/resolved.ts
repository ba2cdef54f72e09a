export interface ResolvedProgram {
  readonly name: string;
  /** Absolute path of the program; a folder for `cni-plugins` and `gateway-api-crds`. */
  readonly path: string;
  readonly version: string;
  /** `release` and `registry` when it has just been installed. */
  readonly source: 'cache' | 'path' | 'release' | 'registry';
  /** In plain words. */
  readonly detail: string;
}
