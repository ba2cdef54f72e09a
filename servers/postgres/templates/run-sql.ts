import { CoppiceError } from '../../../core/errors.ts';
import { whileWatched } from '../connection/blockers.ts';
import type { Server } from '../connection/server.ts';
import { readScript, type ScriptItem } from '../script/reader.ts';
import { ScriptFailure, ScriptRun } from '../script/script-run.ts';
import type { SqlFile } from '../types.ts';

type Kind = 'seed' | 'mask';

/**
 * Runs a file of the app's own SQL in one transaction, as its temporary login role, as psql would: `COPY … FROM stdin`
 * with rows included. Throws COPPICE_SEED or COPPICE_MASK with file, line and statement. Only the message is shown: a
 * detail may contain rows.
 */
export async function runSql(
  server: Server,
  as: { readonly database: string; readonly user: string; readonly password: string },
  what: Kind,
  file: SqlFile,
  onBlocked?: (text: string) => void,
): Promise<void> {
  const session = await server.in(as.database, as);
  try {
    await whileWatched(server, { waiter: { pid: session.pid }, onBlocked }, () =>
      inTransaction(session, what, Buffer.from(file.text)),
    );
  } catch (error) {
    throw error instanceof ScriptFailure ? sqlError(what, file, error) : error;
  } finally {
    await session.close();
  }
}

async function inTransaction(session: Server, what: Kind, bytes: Buffer): Promise<void> {
  requireText(bytes);
  await session.query('BEGIN');
  // With FORCE ROW LEVEL SECURITY an UPDATE would pass over rows, which stay unmasked: this makes it an error.
  if (what === 'mask') await session.query('SET LOCAL row_security = off');
  const run = new ScriptRun(session);
  for await (const item of readScript(once(bytes))) await runItem(run, what, item);
  await session.query('COMMIT');
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Editors and shells of Windows may write UTF-16. */
export function requireText(bytes: Buffer): void {
  if (!/^(fffe|feff)/.test(bytes.toString('hex', 0, 2))) return;
  throw new ScriptFailure('this is UTF-16 text', {
    line: 1,
    hint: 'save it as UTF-8 (in PowerShell `pg_dump --file=…` instead of `>`)',
  });
}

async function runItem(run: ScriptRun, what: Kind, item: ScriptItem): Promise<void> {
  switch (item.kind) {
    case 'comment':
      return;
    case 'command':
      return runCommandOfPsql(run, what, item);
    case 'copy':
      return run.copy(item);
    case 'rest':
      if (item.open !== ';')
        throw new ScriptFailure(`this has no end (${item.open} is missing)`, { line: item.line });
      return run.statement(item);
    default:
      return run.statement(item);
  }
}

/** They only change what psql prints, or how it goes on after an error. */
const withoutEffect =
  /^\\(?:restrict|unrestrict|echo|qecho|warn|timing|pset|t|a|x|errverbose)\b|^\\set +(?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|QUIET|ECHO|ECHO_HIDDEN|VERBOSITY|SHOW_CONTEXT)\b/;

function runCommandOfPsql(
  run: ScriptRun,
  what: Kind,
  { line, text }: Extract<ScriptItem, { kind: 'command' }>,
): void {
  if (withoutEffect.test(text)) return;
  const encoding = /^\\encoding +([\w-]+)/.exec(text)?.[1];
  if (encoding !== undefined) {
    run.useEncoding(encoding, line);
    return;
  }
  const name = /^\\\S+/.exec(text)?.[0] ?? '\\';
  throw new ScriptFailure(`${name} is a command of psql, which does not run this file`, {
    line,
    hint: hintFor(name, what),
  });
}

function hintFor(name: string, what: Kind): string {
  if (name === '\\.') return 'delete the line: no COPY … FROM stdin is before it';
  if (/^\\(i|ir|include|include_relative)$/.test(name))
    return what === 'seed'
      ? 'list the files instead: `seed: [db/one.sql, db/two.sql]`'
      : 'put its content into this file';
  if (/^\\(c|connect)$/.test(name))
    return 'delete the line: the file runs in the database that was made for it';
  return what === 'seed'
    ? 'write it as SQL, or run psql as the seed: `seed: {command: [psql, --file=db/seed.sql], image: "postgres:18", inputs: [db/seed.sql]}`'
    : 'write it as SQL';
}

function sqlError(what: Kind, { path }: SqlFile, failure: ScriptFailure): CoppiceError {
  const { line, message, statement, hint, cause } = failure;
  const place = path === undefined ? `the ${what}'s SQL` : `the ${what} ${path}`;
  return new CoppiceError(
    what === 'seed' ? 'COPPICE_SEED' : 'COPPICE_MASK',
    `${place} failed in line ${line}: ${message}${statement && ` (${statement})`}`,
    { hint: hint ?? hintForRefusal(what, message), cause },
  );
}

function hintForRefusal(what: Kind, message: string): string {
  // No other error has a name of its own for this: it is 42501, as every missing privilege.
  const table = /row-level security policy for table "(.*)"/.exec(message)?.[1];
  if (what === 'mask' && table !== undefined)
    return `a policy may hide rows from the mask: begin it with \`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;\`, and set FORCE at its end again`;
  return `correct the file of database.${what === 'seed' ? 'seed' : 'from.mask'}`;
}
