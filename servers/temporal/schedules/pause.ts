import { randomUUID } from 'node:crypto';
import { concurrently } from '../connection/concurrently.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { scheduleIds } from './list.ts';

/** How many schedules are read and changed at once. */
const width = 8;

/** Begins the notes of a schedule that `pauseSchedules` paused; the notes from before follow it. */
const mark = 'paused by wt stop';
const separator = '; notes from before: ';
/** The server wants notes for every change. */
const continuedNotes = 'continued by wt start';

/**
 * Pauses the schedules of a namespace that are not paused, and returns the ids of all that this function has paused,
 * now or earlier. Their notes record it, so that `continueSchedules` leaves alone what somebody else has paused.
 */
export async function pauseSchedules(temporal: Temporal, namespace: string): Promise<string[]> {
  return eachSchedule(temporal, namespace, async (id, { paused, notes }) => {
    if (paused) return notes.startsWith(mark);
    await patch(temporal, namespace, id, { pause: notes === '' ? mark : `${mark}${separator}${notes}` });
    return true;
  });
}

/** Continues the schedules that `pauseSchedules` paused, with their notes from before, and returns their ids. */
export async function continueSchedules(temporal: Temporal, namespace: string): Promise<string[]> {
  return eachSchedule(temporal, namespace, async (id, { paused, notes }) => {
    if (!paused || !notes.startsWith(mark)) return false;
    await patch(temporal, namespace, id, {
      unpause: notes.slice(mark.length + separator.length) || continuedNotes,
    });
    return true;
  });
}

interface ScheduleState {
  readonly paused: boolean;
  readonly notes: string;
}

/** The ids for which `work` returned true. One that is deleted by then is left out. */
async function eachSchedule(
  temporal: Temporal,
  namespace: string,
  work: (id: string, state: ScheduleState) => Promise<boolean>,
): Promise<string[]> {
  const changed = await concurrently(await scheduleIds(temporal, namespace), width, async (id) => {
    try {
      return (await work(id, await stateOf(temporal, namespace, id))) ? [id] : [];
    } catch (error) {
      if (isRefusal(error, status.notFound)) return [];
      throw error;
    }
  });
  return changed.flat().sort();
}

/** What the schedule itself says: the list lags. */
async function stateOf(
  { workflow }: Temporal,
  namespace: string,
  scheduleId: string,
): Promise<ScheduleState> {
  const { schedule } = await workflow.describeSchedule({ namespace, scheduleId });
  return { paused: schedule?.state?.paused ?? false, notes: schedule?.state?.notes ?? '' };
}

async function patch(
  { workflow }: Temporal,
  namespace: string,
  scheduleId: string,
  change: { readonly pause: string } | { readonly unpause: string },
): Promise<void> {
  await workflow.patchSchedule({
    namespace,
    scheduleId,
    patch: change,
    identity: 'coppice',
    requestId: randomUUID(),
  });
}
