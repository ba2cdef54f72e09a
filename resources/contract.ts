import type { KubeAddress } from '../cluster/kube/client.ts';

/**
 * What a resource of our provider is, as plain data: its class, its handler, and whoever reads it from a state take
 * their types from here. `Later` are the inputs that another resource may have to give first: Outputs, in Pulumi's words.
 */
export interface Contract<
  Name extends string,
  Inputs extends object,
  Outputs extends Inputs = Inputs,
  Later extends keyof Inputs = never,
> {
  /** What the engine, and every state ever written, know it by. */
  readonly token: `coppice:index:${Name}`;
  /** What `wt` calls it, before its own name: `namespace wt-shop--feat-b`. */
  readonly words: string;
  /** There is one of it, so the words are enough. */
  readonly unnamed?: true;
  /** What it has beside its inputs once it is there. */
  readonly outputs: { readonly [Key in Exclude<keyof Outputs, keyof Inputs>]: undefined };
  /** Never there: what the compiler infers the types from. */
  readonly types?: { readonly inputs: Inputs; readonly outputs: Outputs; readonly later: Later };
}

/** What every resource says that is about one cluster. Paths, never contents: the state holds no credentials. */
export interface OnCluster extends KubeAddress {
  /** uid of the namespace kube-system: on another cluster nothing is made or deleted. */
  readonly cluster: string;
}
