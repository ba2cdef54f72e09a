import { expect, test } from 'vitest';
import { pausedProblem, schedulesProblem } from '../../../../app/workflows/paused.ts';
import type { KubeReader } from '../../../../cluster/kube/client.ts';
import { Annotation } from '../../../../core/labels.ts';

const still = 'its Temporal schedules are still paused by wt stop';

/** A cluster whose namespaces have these annotations, instead of a real one. */
const annotated = (annotations: Record<string, string>) =>
  ({ core: { readNamespace: async () => ({ metadata: { annotations } }) } }) as unknown as KubeReader;

test('schedules that a failed start left paused are a problem, and those of a stopped environment are not', () => {
  expect(schedulesProblem({ stopped: false, schedulesPaused: true })).toBe(still);
  expect(schedulesProblem({ stopped: true, schedulesPaused: true })).toBeUndefined();
  expect(schedulesProblem({ stopped: false, schedulesPaused: false })).toBeUndefined();
});

test('a quick answer asks the namespace for them', async () => {
  expect(await pausedProblem(annotated({ [Annotation.schedulesPaused]: 'true' }), 'wt-shop--b')).toBe(still);
  expect(await pausedProblem(annotated({}), 'wt-shop--b')).toBeUndefined();
});
