import { expect } from 'vitest';
import type { Server } from '../../../servers/postgres/connection/server.ts';

export interface RecordedServer extends Server {
  /** All statements so far, of this connection and of those opened from it. */
  readonly statements: readonly string[];
}

/** The same connection, which records every statement. */
export function recorded(server: Server, statements: string[] = []): RecordedServer {
  return {
    ...server,
    statements,
    query: (sql, params) => {
      statements.push(sql);
      return server.query(sql, params);
    },
    in: async (database, as) => recorded(await server.in(database, as), statements),
  };
}

/** Copies, renames, seals or drops a database. In such a statement PostgreSQL waits 5 s for other sessions to end. */
export const changeOfDatabase = expect.stringMatching(/^\s*(CREATE|ALTER|DROP) DATABASE/);
