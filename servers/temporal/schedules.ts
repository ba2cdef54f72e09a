/** The schedules of a namespace: counted, paused with an environment, continued with it. */

export { scheduleIds } from './schedules/list.ts';
export { continueSchedules, pauseSchedules } from './schedules/pause.ts';
