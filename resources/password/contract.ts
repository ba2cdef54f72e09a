import type { Contract, OnCluster } from '../contract.ts';

/**
 * A Secret whose key `password` is random, made where it is absent and never changed. As an ordinary Secret it would
 * stand in Pulumi's state. PostgreSQL takes it over at every start, so one that was recreated works with its old data.
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
