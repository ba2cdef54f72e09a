import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect } from 'vitest';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { continueSchedules, pauseSchedules, scheduleIds } from '../../../servers/temporal/schedules.ts';
import { signal, temporal, test } from './fixture.ts';
import { testRequest, until } from './harness.ts';

let tests = 0;
let namespace: string;
beforeEach(async () => {
  tests += 1;
  const request = testRequest(`schedules-${tests}`);
  namespace = request.name;
  await ensureNamespace(temporal, request, signal);
});

const identity = 'a test';

interface Given {
  readonly paused?: boolean;
  readonly notes?: string;
  /** When it starts something; every night when absent. */
  readonly cron?: string;
}

async function createSchedule(
  scheduleId: string,
  { paused = false, notes = '', cron = '0 3 * * *' }: Given = {},
): Promise<void> {
  await temporal.workflow.createSchedule({
    namespace,
    scheduleId,
    identity,
    requestId: randomUUID(),
    schedule: {
      spec: { cronString: [cron] },
      policies: { overlapPolicy: allowAll },
      action: {
        startWorkflow: {
          workflowId: scheduleId,
          workflowType: { name: 'Tick' },
          taskQueue: { name: 'nobody' },
        },
      },
      state: { paused, notes },
    },
  });
}

/** Seven fields: the first is the second. */
const everySecond = '* * * * * * *';

/** temporal.api.enums.v1.ScheduleOverlapPolicy */
const allowAll = 6;

async function described(scheduleId: string) {
  const { schedule, info } = await temporal.workflow.describeSchedule({ namespace, scheduleId });
  return {
    paused: schedule?.state?.paused,
    notes: schedule?.state?.notes,
    starts: Number(info?.actionCount),
  };
}

const listed = (...ids: string[]) =>
  until(async () => (await scheduleIds(temporal, namespace)).sort().join() === ids.sort().join());

describe('pausing', () => {
  test('ends the starts of every schedule that ran, and continuing goes on with them', async () => {
    await createSchedule('tick', { cron: everySecond });
    await listed('tick');
    await until(async () => (await described('tick')).starts > 0);
    expect(await pauseSchedules(temporal, namespace)).toEqual(['tick']);
    const { paused, starts } = await described('tick');
    expect(paused).toBe(true);
    // As long as another one, which is not paused, starts two more.
    await createSchedule('control', { cron: everySecond });
    await until(async () => (await described('control')).starts >= 2);
    expect((await described('tick')).starts).toBe(starts);
    expect(await continueSchedules(temporal, namespace)).toEqual(['tick']);
    await until(async () => (await described('tick')).starts > starts);
  });

  test('leaves a schedule alone that somebody has paused, and continuing does too', async () => {
    await createSchedule('by-hand', { paused: true, notes: 'until the bank is back' });
    await listed('by-hand');
    expect(await pauseSchedules(temporal, namespace)).toEqual([]);
    expect(await continueSchedules(temporal, namespace)).toEqual([]);
    expect(await described('by-hand')).toMatchObject({ paused: true, notes: 'until the bank is back' });
  });

  test('twice is the same as once', async () => {
    await createSchedule('nightly', { notes: 'asked for by sales' });
    await listed('nightly');
    await pauseSchedules(temporal, namespace);
    expect(await pauseSchedules(temporal, namespace)).toEqual(['nightly']);
    expect((await described('nightly')).notes).toBe(
      'paused by wt stop; notes from before: asked for by sales',
    );
    await continueSchedules(temporal, namespace);
    expect(await continueSchedules(temporal, namespace)).toEqual([]);
    expect(await described('nightly')).toMatchObject({ paused: false, notes: 'asked for by sales' });
  });

  test('says in the notes of a schedule without any that it was continued', async () => {
    await createSchedule('plain');
    await listed('plain');
    await pauseSchedules(temporal, namespace);
    expect((await described('plain')).notes).toBe('paused by wt stop');
    await continueSchedules(temporal, namespace);
    expect((await described('plain')).notes).toBe('continued by wt start');
  });
});

test('a namespace that does not exist has no schedules', async () => {
  expect(await scheduleIds(temporal, 'wt-shop--nobody')).toEqual([]);
  expect(await pauseSchedules(temporal, 'wt-shop--nobody')).toEqual([]);
});
