import { statusOf } from './client.ts';

/** What to type after a request that failed: a server that refuses is up, so that the cluster is not what to look at. */
export function apiHint(error: unknown): string {
  const status = statusOf(error);
  return status === undefined || status >= 500 ? 'run `wt cluster status`' : 'run `wt doctor`';
}
