import type { Recipe } from './layout.ts';

/** An image that we provide. */
export interface CatalogueEntry {
  /** Reference that a node pulls if it reaches a registry. Tags, no digests: none could be verified at its source. */
  readonly upstream: string;
  /** Builds an equivalent from what this machine has. Absent for what is only ever pulled. */
  readonly recipe?: Recipe;
  /** A service may name it: `runtime: node`. */
  readonly runtime?: true;
  /** Every pod's sandbox needs it, also after a reboot without a network: assembled and imported, never pulled. */
  readonly sandbox?: true;
  /** The cluster starts without it; what needs it reports that it is missing. */
  readonly optional?: true;
  /** Provided only once its part has joined: to build it takes minutes. */
  readonly onceJoined?: true;
}
