import type { Contract, OnCluster } from '../contract.ts';

/** Owns the namespace of what all environments share, and refuses one that a newer version of coppice made. */
export const platformContract: Contract<'Platform', PlatformInputs> = {
  token: 'coppice:index:Platform',
  words: 'platform',
  outputs: {},
};

export interface PlatformInputs extends OnCluster {
  /** Version of coppice. */
  readonly version: string;
}
