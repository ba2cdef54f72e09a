/** The server itself: a connection, what it can do, who is connected, how full its disk is. */

export { chooseStrategy, type ServerFacts } from './clones/strategy.ts';
export { diskUse } from './connection/disk.ts';
export { serverFacts } from './connection/facts.ts';
export type { Server } from './connection/server.ts';
export { sessions } from './connection/sessions.ts';
