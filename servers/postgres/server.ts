/** The server itself: connection, capabilities, sessions and disk usage. */

export { chooseStrategy, type ServerFacts } from './clones/strategy.ts';
export { whileWatched } from './connection/blockers.ts';
export { diskUse } from './connection/disk.ts';
export { serverFacts } from './connection/facts.ts';
export { sinceLastWrites } from './connection/last-writes.ts';
export type { Server } from './connection/server.ts';
export { foreignTo, type OwnClients, sessions } from './connection/sessions.ts';
