import type { KubeAddress } from '../cluster/kube/client.ts';

/**
 * A resource of our provider as plain data: its class, its handler, and readers of its state take their types from
 * here. `Later` are the inputs that another resource may have to provide first: Outputs, in Pulumi's words.
 */
export interface Contract<
  Name extends string,
  Inputs extends object,
  Outputs extends Inputs = Inputs,
  Later extends keyof Inputs = never,
> {
  /** Identifies it to the engine, and in every state ever written. */
  readonly token: `coppice:index:${Name}`;
  /** What `wt` calls it, before its own name: `namespace wt-shop--feat-b`. */
  readonly words: string;
  /** There is only one, so the words are enough. */
  readonly unnamed?: true;
  /** Its outputs beyond its inputs. */
  readonly outputs: { readonly [Key in Exclude<keyof Outputs, keyof Inputs>]: undefined };
  /** Never set: only for the compiler to infer the types from. */
  readonly types?: { readonly inputs: Inputs; readonly outputs: Outputs; readonly later: Later };
}

/** Inputs of every resource in a cluster. Paths, never contents: the state holds no credentials. */
export interface OnCluster extends KubeAddress {
  /** uid of the namespace kube-system: on another cluster nothing is created or deleted. */
  readonly cluster: string;
}
