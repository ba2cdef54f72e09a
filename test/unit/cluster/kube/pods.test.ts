import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { whyNotReady } from '../../../../cluster/kube/pods.ts';

type Status = Omit<Partial<V1ContainerStatus>, 'state'> & { state?: object; lastState?: object };

function pod(container: Status, more: { status?: object; metadata?: object } = {}): V1Pod {
  const conditions = [{ type: 'PodScheduled', status: 'True' }];
  return {
    metadata: { name: 'web-1', ...more.metadata },
    spec: {
      containers: [{ name: 'web', image: 'node:20', resources: { limits: { memory: '64Mi' } } }],
    },
    status: {
      conditions,
      containerStatuses: [
        {
          name: 'web',
          image: 'sha256:0',
          imageID: '',
          ready: false,
          restartCount: 0,
          ...container,
        } as V1ContainerStatus,
      ],
      ...more.status,
    },
  };
}

const event = (reason: string, message: string): CoreV1Event =>
  ({ type: 'Warning', reason, message, metadata: {}, involvedObject: {} }) as CoreV1Event;

describe('why a pod is not ready', () => {
  test.each<{
    what: string;
    given: V1Pod;
    events?: CoreV1Event[];
    reason: string | undefined;
    hopeless?: boolean;
  }>([
    {
      what: 'nothing, when its condition says Ready',
      given: pod({}, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
      reason: undefined,
    },
    {
      what: 'it ends, even while it is still ready',
      given: pod(
        {},
        {
          metadata: { deletionTimestamp: new Date() },
          status: { conditions: [{ type: 'Ready', status: 'True' }] },
        },
      ),
      reason: 'is ending',
    },
    {
      what: 'its node stopped reporting: the containers are as they were, as far as anybody knows',
      given: pod(
        { ready: true, state: { running: {} } },
        {
          status: {
            phase: 'Running',
            conditions: [
              { type: 'PodScheduled', status: 'True' },
              { type: 'Ready', status: 'False' },
              { type: 'ContainersReady', status: 'True' },
            ],
          },
        },
      ),
      reason: 'is on a node that no longer reports: `wt cluster status` says why',
    },
    {
      what: 'a liveness probe of the user kills it',
      given: pod({ restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }),
      events: [
        event('Unhealthy', 'Liveness probe failed: Get "http://10.0.0.1:3001/": connection refused'),
        event('Killing', 'Container web failed liveness probe, will be restarted'),
      ],
      reason:
        'is killed again and again: Liveness probe failed: Get "http://10.0.0.1:3001/": connection refused, 2 restarts',
      hopeless: true,
    },
    {
      what: 'no node has room',
      given: pod(
        {},
        {
          status: {
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: '0/1 nodes: no memory',
              },
            ],
            containerStatuses: [],
          },
        },
      ),
      reason: 'cannot be scheduled: 0/1 nodes: no memory',
      hopeless: true,
    },
    {
      what: 'it crashes again and again',
      given: pod({
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 7 } },
      }),
      reason: 'crashes: exit code 7, 3 restarts',
      hopeless: true,
    },
    {
      what: 'it crashed once, which may have been a dependency',
      given: pod({ state: { terminated: { exitCode: 1 } } }),
      reason: 'ended: exit code 1',
      hopeless: false,
    },
    {
      what: 'it runs for the third time',
      given: pod({ restartCount: 2, state: { running: {} }, lastState: { terminated: { exitCode: 127 } } }),
      reason: 'crashes: its command was not found (exit code 127), 2 restarts',
      hopeless: true,
    },
    {
      what: 'it ended by itself, though a service should not',
      given: pod({
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 0 } },
      }),
      reason: 'crashes: it ended by itself (exit code 0), 1 restart',
      hopeless: true,
    },
    {
      what: 'it needs more memory than it may have',
      given: pod({
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      }),
      reason: 'crashes: out of memory (limit 64Mi), 2 restarts',
      hopeless: true,
    },
    {
      what: 'its image is not there',
      given: pod({ state: { waiting: { reason: 'ErrImagePull', message: 'not  found\n' } } }),
      reason: 'image node:20 cannot be pulled: not found',
      hopeless: true,
    },
    {
      what: 'its container cannot be made',
      given: pod({ state: { waiting: { reason: 'CreateContainerConfigError', message: 'no such secret' } } }),
      reason: 'cannot be started: no such secret',
      hopeless: true,
    },
    {
      what: 'the node has no copy of its secret yet',
      given: pod({
        state: {
          waiting: {
            reason: 'CreateContainerConfigError',
            message: 'failed to sync secret cache: timed out waiting for the condition',
          },
        },
      }),
      reason: 'cannot be started yet: failed to sync secret cache: timed out waiting for the condition',
      hopeless: false,
    },
    {
      what: 'it runs and does not answer',
      given: pod({ state: { running: {} } }),
      reason: 'does not answer yet',
      hopeless: false,
    },
    {
      what: 'it runs and its probe says why not',
      given: pod({ state: { running: {} } }),
      events: [event('Unhealthy', 'Readiness probe failed: connection refused')],
      reason: 'is not ready: Readiness probe failed: connection refused',
      hopeless: false,
    },
    {
      what: 'its folder is not on the node',
      given: pod({ state: { waiting: { reason: 'ContainerCreating' } } }),
      events: [event('FailedMount', 'hostPath type check failed: /src/x is not a directory')],
      reason: 'cannot be started yet: hostPath type check failed: /src/x is not a directory',
      hopeless: true,
    },
    {
      what: 'it is just being made',
      given: pod({ state: { waiting: { reason: 'ContainerCreating' } } }),
      reason: 'is being created',
      hopeless: false,
    },
    {
      what: 'the node ended it',
      given: pod({}, { status: { phase: 'Failed', reason: 'Evicted', message: 'low on disk' } }),
      reason: 'was ended by the node: Evicted: low on disk',
      hopeless: false,
    },
  ])('$what', ({ given, events, reason, hopeless }) => {
    const why = whyNotReady(given, events);
    expect(why?.reason).toBe(reason);
    if (reason !== undefined && hopeless !== undefined) expect(why?.hopeless).toBe(hopeless);
  });

  test('long messages are cut to one line of 300 characters', () => {
    const given = pod({ state: { waiting: { reason: 'ErrImagePull', message: `a\n${'b'.repeat(1000)}` } } });
    const reason = whyNotReady(given)?.reason ?? '';
    expect(reason).not.toContain('\n');
    expect(reason.length).toBeLessThan(360);
  });
});
