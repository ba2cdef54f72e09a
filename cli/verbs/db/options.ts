import { flag } from '../../define.ts';

/** Options of the verbs that replace a database. */
export const yes = flag('do not ask');
export const force = flag('disconnect programs that are connected to it, and do not ask');

/** For the help of these verbs. */
export const keptFor72Hours = 'The previous content is kept as a snapshot for 72 hours (`wt db undo`).';
