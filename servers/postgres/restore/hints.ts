import { DatabaseError } from 'pg';
import type { ScriptFailure } from '../script/script-run.ts';
import type { LeftOut } from './report.ts';

/** SQLSTATEs of what does not exist: schema, table, function, and type or other object. */
const missing = ['3F000', '42P01', '42883', '42704', '0A000'];

/** What to do about a statement of a dump that the server refused. */
export function hintFor({ cause }: Pick<ScriptFailure, 'cause'>, left: readonly LeftOut[]): string {
  const state = cause instanceof DatabaseError ? (cause.code ?? '') : '';
  const extensions = left.filter(({ kind }) => kind === 'extension');
  if (missing.includes(state) && extensions.length > 0) {
    const list = extensions.map(({ what, line }) => `${what} (line ${line})`).join(', ');
    return `these extensions were left out: ${list}; if it needs one of them, dump without it (\`pg_dump --exclude-table=…\`, \`--exclude-schema=…\`), or use \`server: managed\``;
  }
  switch (state) {
    case '3F000':
      return 'dump that schema too: `pg_dump --schema=…` leaves out all others';
    case '42704':
      return 'if this is the type of an extension, add the extension to database.extensions, or dump without --schema';
    case '42501':
      return 'only a superuser may do this: dump without it (`pg_dump --exclude-schema=…`, `--exclude-table=…`), or use `server: managed`';
    case '23505':
    case '42P07':
      return 'the dump has it twice: dump the database once more';
    default:
      return 'a dump that psql restores without errors into an empty database of this version is restored here too';
  }
}
