import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { endedRun, stamped } from '../../../../cluster/kube/logs.ts';
import { Label } from '../../../../core/labels.ts';

function pod(restartCount: number, state: V1ContainerState, lastState: V1ContainerState): V1Pod {
  return {
    metadata: { name: 'web-5d8f-7c9x4', labels: { [Label.service]: 'web' } },
    status: {
      containerStatuses: [
        { name: 'web', image: '', imageID: '', ready: false, restartCount, state, lastState },
      ],
    },
  };
}

const finishedAt = new Date('2026-01-02T03:04:05Z');
const web = { service: 'web', pod: 'web-5d8f-7c9x4' };

test.each([
  [
    '2026-01-02T03:04:05.000000006Z  two  spaces',
    { time: '2026-01-02T03:04:05.000000006Z', text: ' two  spaces' },
  ],
  ['2026-01-02T03:04:05.1+02:00 ', { time: '2026-01-02T03:04:05.1+02:00', text: '' }],
  ['failed to open log file', { text: 'failed to open log file' }],
  ['unable to retrieve container logs for containerd://2853c1eed2b4', { text: '(its log is gone)' }],
])('takes the time off %j', (line, expected) => {
  expect(stamped(line)).toEqual(expected);
});

test('finds the process before the one that runs', () => {
  const terminated = { exitCode: 3, reason: 'Error', finishedAt };
  expect(endedRun(pod(2, { running: {} }, { terminated }))).toEqual({
    ...web,
    restarts: 1,
    ended: '2026-01-02T03:04:05Z',
    exitCode: 3,
  });
});

test('finds the last process of a container that waits for its restart, and why it was killed', () => {
  const terminated = { exitCode: 137, reason: 'OOMKilled', finishedAt };
  expect(endedRun(pod(2, { waiting: {} }, { terminated }))).toEqual({
    ...web,
    restarts: 2,
    ended: '2026-01-02T03:04:05Z',
    exitCode: 137,
    reason: 'OOMKilled',
  });
});

test('finds none in a container that runs since its pod began', () => {
  expect(endedRun(pod(0, { running: {} }, {}))).toBeUndefined();
});
