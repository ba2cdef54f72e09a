import { flag } from '../../define.ts';

/** Options of every verb that copies or replaces a database. Each means the same in all of them. */
export const answers = {
  yes: flag('do not ask'),
  endSessions: flag('disconnect programs that are connected, other than its own services'),
  force: flag('both: do not ask, and disconnect them'),
};

/** For the help of these verbs. */
export const keptFor72Hours = 'The previous content is kept as a snapshot for 72 hours (`wt db undo`).';
export const ownServices =
  "The environment's own services are disconnected for a moment and connect again; other programs are named, and need --end-sessions.";
