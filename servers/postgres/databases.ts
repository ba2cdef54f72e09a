/** Databases of environments: their state on the server and the operations on them. */

export { adoptDatabase } from './clones/adopt.ts';
export type { Cloned } from './clones/clone.ts';
export { dropDatabase } from './clones/drop.ts';
export { type DatabaseRequest, ensureDatabase } from './clones/ensure.ts';
export { type Forked, type ForkRequest, forkDatabase, refuseWithChoices } from './clones/fork.ts';
export { type OwnRows, ownRows, type WrittenTable } from './clones/own-rows.ts';
export { presentClone, requireClone } from './clones/replace.ts';
export { resetDatabase } from './clones/reset.ts';
export { type Marked, type MarkedDatabase, markedAs, marks } from './marks/mark.ts';
export { type CloneMark, type DatabaseState, databaseState } from './marks/state.ts';
export { type LeftOutOfDump, leftOutCounts, objectLeftOut, whyLeftOut } from './restore/report.ts';
