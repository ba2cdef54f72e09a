import { DatabaseError } from 'pg';
import type { ScriptFailure } from '../script/script-run.ts';
import { type LeftOut, withReason } from './report.ts';

/** SQLSTATEs of what does not exist: schema, table, function, and type or other object. */
const missing = ['3F000', '42P01', '42883', '42704', '0A000'];

/** What of the dump was seen before the statement that failed. */
interface Seen {
  readonly left: readonly LeftOut[];
  /** Whether it created anything. */
  readonly created: boolean;
}

/** What to do about a statement of a dump that the server refused. */
export function hintFor(
  { cause, statement }: Pick<ScriptFailure, 'cause' | 'statement'>,
  { left, created }: Seen,
): string {
  const state = cause instanceof DatabaseError ? (cause.code ?? '') : '';
  const isMissing = missing.includes(state);
  const needed = left.filter(({ kind }) => kind === 'extension' || kind === 'foreign');
  if (isMissing && needed.length > 0) {
    const list = needed.map((one) => `${withReason(one)} (line ${one.line})`).join(', ');
    return `these were left out: ${list}; if it needs one of them, dump without it (\`pg_dump --exclude-table=…\`, \`--exclude-schema=…\`), or use \`server: managed\``;
  }
  if (isMissing && !created)
    return state === '3F000' && /^CREATE\b/i.test(statement)
      ? 'the dump has no schemas (`pg_dump --table=…` leaves them out): dump with --schema, or the whole database'
      : 'the dump creates nothing before this: dump without --data-only and --section';
  switch (state) {
    case '3F000':
      return 'dump that schema too: `pg_dump --schema=…` and `--table=…` leave out all others';
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
