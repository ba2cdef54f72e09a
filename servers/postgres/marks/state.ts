import type { Owner } from '../../../core/owner.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import type { Server } from '../connection/server.ts';
import { compareMigrations, type MigrationChange } from '../migrations/migrations.ts';
import type { Mark, TemplateRequest } from '../types.ts';
import { parseMark } from './mark.ts';

export type CloneMark = Extract<Mark, { kind: 'clone' }>;

/** What exists under the name of an environment's database. */
export type DatabaseState =
  | { readonly kind: 'absent' }
  /** Dropping it was interrupted: it accepts no connections any more. */
  | { readonly kind: 'broken'; readonly mark: CloneMark }
  /** It belongs to another repository or branch; without a mark it was not created by Coppice. */
  | { readonly kind: 'foreign'; readonly mark: Mark | undefined }
  | {
      readonly kind: 'ours';
      readonly mark: CloneMark;
      /** Its migrations compared with the requested ones. */
      readonly change: MigrationChange;
      /** Requested extensions that it may lack. */
      readonly extensions: readonly string[];
      /** It accepts connections, and its login role may connect. */
      readonly usable: boolean;
    };

/** Queries the server, the only source of truth about a database: no state file is needed or trusted. */
export async function databaseState(
  server: Server,
  request: { readonly name: string; readonly owner: Owner; readonly template?: TemplateRequest },
): Promise<DatabaseState> {
  const { name, owner, template } = request;
  const [row] = await server.query<{ comment: string | null; usable: boolean; broken: boolean }>(
    `SELECT shobj_description(d.oid, 'pg_database') AS comment, datconnlimit = -2 AS broken,
            datallowconn AND EXISTS (
              SELECT FROM pg_roles WHERE rolname = $1 AND rolcanlogin
                AND has_database_privilege(rolname, d.oid, 'CONNECT')) AS usable
       FROM pg_database d WHERE datname = $1`,
    [name],
  );
  if (!row) return { kind: 'absent' };
  const mark = parseMark(row.comment ?? undefined);
  const isOwners =
    mark?.kind === 'clone' &&
    isSameRepository(mark.repository, owner.repository) &&
    mark.branch === owner.branch;
  if (!isOwners) {
    return { kind: 'foreign', mark };
  }
  if (row.broken) return { kind: 'broken', mark };
  const wanted = template?.migrations ?? mark.migrations;
  const change = compareMigrations(mark.migrations, wanted, template?.rules);
  const extensions = (template?.extensions ?? []).filter((one) => !mark.extensions?.includes(one));
  return { kind: 'ours', mark, change, extensions, usable: row.usable };
}
