import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { Annotation, Label } from '../../../../core/labels.ts';
import { judge } from '../../../../resources/ready/check.ts';
import type { ExpectedService } from '../../../../resources/ready/contract.ts';
import { judgeService } from '../../../../resources/ready/judge-service.ts';
import { podsOf } from '../../../../resources/ready/look.ts';

const web = { name: 'web', replicas: 1, configHash: 'new', timeoutSeconds: 120 };

function pod(
  name: string,
  options: { hash?: string; ready?: boolean; ending?: boolean; service?: string } = {},
): V1Pod {
  const { hash = 'new', ready = true, ending = false, service = 'web' } = options;
  return {
    metadata: {
      name,
      labels: { [Label.service]: service },
      annotations: { [Annotation.configHash]: hash },
      ...(ending ? { deletionTimestamp: new Date() } : {}),
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

const stateOf = (expected: ExpectedService, pods: readonly V1Pod[]) =>
  judgeService({ expected, pods: podsOf(expected.name, pods) }, Date.now());

describe('a service', () => {
  test('is ready when exactly its pods of the current version are', () => {
    expect(stateOf(web, [pod('a')])).toMatchObject({ state: 'ready', ready: 1 });
  });

  test('is not ready while a pod of an older version is running', () => {
    const state = stateOf(web, [pod('a'), pod('b', { hash: 'old' })]);
    expect(state).toMatchObject({ state: 'starting', reason: 'pods of an older version still run' });
  });

  test('is ready although a pod of an older version is ending', () => {
    expect(stateOf(web, [pod('a'), pod('b', { hash: 'old', ending: true })]).state).toBe('ready');
  });

  test('is not ready when only pods of an older version are', () => {
    expect(stateOf(web, [pod('a', { hash: 'old' })]).state).toBe('starting');
  });

  test('is not ready without pods, whatever other services have', () => {
    expect(stateOf(web, [pod('a', { service: 'api' })])).toMatchObject({
      state: 'starting',
      reason: 'has no pods',
    });
  });

  test('is not ready with fewer or more pods than wanted', () => {
    expect(stateOf({ ...web, replicas: 2 }, [pod('a')]).state).toBe('starting');
    expect(stateOf(web, [pod('a'), pod('b')]).state).toBe('starting');
  });

  test('is off when no pods are wanted and there are none', () => {
    expect(stateOf({ ...web, replicas: 0 }, []).state).toBe('off');
    expect(stateOf({ ...web, replicas: 0 }, [pod('a')]).state).toBe('starting');
  });

  test('shows a hopeless pod before one that may still start', () => {
    const waiting = pod('a', { ready: false });
    const failing: V1Pod = {
      ...pod('b', { ready: false }),
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: 'no room' }] },
    };
    expect(stateOf({ ...web, replicas: 2 }, [waiting, failing])).toMatchObject({
      state: 'failing',
      pod: 'b',
    });
  });
});

describe('a route', () => {
  const route = { service: 'web', host: 'a.shop.localhost', path: '/' };
  const headers = { 'X-Coppice-Environment': 'shop/a; id=1', 'X-Coppice-Commit': 'c' };
  const answered = { 'x-coppice-environment': 'shop/a; id=1', 'x-coppice-commit': 'c' };

  test.each([
    ['is ready when it answers below 500 with the headers', { status: 404, headers: answered }, true],
    ['is not ready on 503, which carries the headers too', { status: 503, headers: answered }, false],
    ['is not ready when Traefik does not know it', { status: 404, headers: {} }, false],
    [
      'is not ready when another environment answers',
      { status: 200, headers: { ...answered, 'x-coppice-environment': 'shop/a; id=2' } },
      false,
    ],
    [
      'is not ready while it still names the commit before',
      { status: 200, headers: { ...answered, 'x-coppice-commit': 'b' } },
      false,
    ],
    ['is not ready when nothing answers', { failure: 'connection refused' }, false],
  ])('%s', (_what, answer, ready) => {
    const state = judge(route, headers, answer);
    expect(state.ready).toBe(ready);
    expect(state.reason === undefined).toBe(ready);
  });

  test.each([
    [500, true],
    [415, true],
    [503, false],
  ])('of HTTP/2 that answers a question by HTTP/1.1 with %i', (status, ready) => {
    expect(judge({ ...route, http2: true }, headers, { status, headers: answered }).ready).toBe(ready);
  });
});
