import type { Contract, OnCluster } from '../contract.ts';

/**
 * Resource definitions from a folder of YAML, installed where they are missing and kept for ever: other things in the
 * cluster may use them, and deleting a definition deletes every object of its kind. As ordinary resources they would
 * add a megabyte to the platform's state.
 */
export const definitionsContract: Contract<'Definitions', DefinitionsInputs> = {
  token: 'coppice:index:Definitions',
  words: 'resource definitions',
  outputs: {},
};

export interface DefinitionsInputs extends OnCluster {
  /** Folder of YAML files, or one file, with these definitions among others. */
  readonly folder: string;
  /** Names of the definitions: `httproutes.gateway.networking.k8s.io`. */
  readonly kinds: readonly string[];
  /** Version of the whole set: `1.5.1`. */
  readonly version: string;
}
