import type { Contract, OnCluster } from '../contract.ts';

/**
 * A Secret whose key `password` is random, created where it is missing and never changed. As an ordinary Secret it
 * would be in Pulumi's state. PostgreSQL applies it at every start, so a recreated one works with the old data.
 */
export const passwordContract: Contract<'Password', PasswordInputs> = {
  token: 'coppice:index:Password',
  words: 'password',
  outputs: {},
};

export interface PasswordInputs extends OnCluster {
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
}
