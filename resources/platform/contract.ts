import type { Contract, OnCluster } from '../contract.ts';

/**
 * Owns the namespace of everything that environments share, and refuses one that was created by a newer version of
 * coppice.
 */
export const platformContract: Contract<'Platform', PlatformInputs> = {
  token: 'coppice:index:Platform',
  words: 'platform',
  outputs: {},
};

export interface PlatformInputs extends OnCluster {
  /** Version of coppice. */
  readonly version: string;
}
