import { expect, test } from 'vitest';
import { apiHint } from '../../../../cluster/kube/api-hint.ts';

test.each([
  [new Error('connect ECONNREFUSED 127.0.0.1:6443'), 'run `wt cluster status`'],
  [Object.assign(new Error('etcd is slow'), { code: 503 }), 'run `wt cluster status`'],
  [Object.assign(new Error('exceeded quota'), { code: 403 }), 'run `wt doctor`'],
  [Object.assign(new Error('invalid'), { code: 422 }), 'run `wt doctor`'],
])('after %s: %s', (error, hint) => {
  expect(apiHint(error)).toBe(hint);
});
