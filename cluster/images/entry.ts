import type { Recipe } from './layout.ts';

/** An image that we bring. */
export interface CatalogueEntry {
  /** Reference that a node pulls where it reaches a registry. Tags, no digests: none was read from a source of ours. */
  readonly upstream: string;
  /** Makes the same of what this machine has. */
  readonly recipe: Recipe;
  /** A service may name it: `runtime: node`. */
  readonly runtime?: true;
  /** Every pod's sandbox needs it, after a reboot without a network too: assembled and imported, never pulled. */
  readonly sandbox?: true;
  /** The cluster starts without it: what asks for it says that it is missing. */
  readonly optional?: true;
}
