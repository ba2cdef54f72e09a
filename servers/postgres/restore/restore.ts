import { DatabaseError } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import type { Server } from '../connection/server.ts';
import { readScript, type ScriptItem } from '../script/reader.ts';
import { headOf, passOver, ScriptFailure, ScriptRun } from '../script/script-run.ts';
import { createExtension, whyNoExtension } from '../templates/extensions.ts';
import { requireText } from '../templates/run-sql.ts';
import type { DumpText } from '../types.ts';
import { hintFor } from './hints.ts';
import {
  collationsOf,
  isPreamble,
  type RestoreFacts,
  tableOf,
  unquoted,
  type Verdict,
  verdictOn,
} from './policy.ts';
import type { LeftOut } from './report.ts';
import { collatedByBytes } from './stand-ins.ts';

type Statement = Extract<ScriptItem, { kind: 'statement' | 'rest' }>;
type Copy = Extract<ScriptItem, { kind: 'copy' }>;

export interface RestoreTarget {
  readonly database: string;
  /** A login role that may change this database and no other. */
  readonly user: string;
  readonly password: string;
  /** Role without login that owns every object. */
  readonly owner: string;
  /** That the app needs, wherever the dump says; in `public` when it says nothing. */
  readonly extensions: readonly string[];
}

/**
 * Restores the text of a dump into a new database, as its temporary login role. What such a role cannot own, grant or
 * create is left out, and returned. The database is private until its template is complete, so that a restore that
 * fails need not undo anything. Throws COPPICE_DUMP with the line of the dump, COPPICE_EXTENSION.
 */
export async function restoreDump(server: Server, target: RestoreTarget, dump: DumpText): Promise<LeftOut[]> {
  const [admin, session] = [await server.in(target.database), await server.in(target.database, target)];
  try {
    await session.query('SET synchronous_commit = off');
    const restore = new Restore(admin, session, target, await factsOf(admin));
    await restore.all(checked(dump.chunks));
    return restore.left;
  } catch (error) {
    throw error instanceof ScriptFailure ? dumpError(dump, error) : error;
  } finally {
    await session.close();
    await admin.close();
  }
}

/** So many bytes of INSERTs go to the server at once. */
const batchBytes = 1_000_000;
/** An object takes a lock until its transaction ends, and the server's table of locks is small. */
const statementsPerTransaction = 500;

class Restore {
  readonly left: LeftOut[] = [];
  private readonly run: ScriptRun;
  private readonly admin: Server;
  private readonly session: Server;
  private readonly target: RestoreTarget;
  private facts: RestoreFacts;
  /** Whether the dump created anything. */
  created = false;
  private readonly policies = new Set<string>();
  /** That the dump creates, without their schemas. */
  private readonly collations = new Set<string>();
  private readonly places = new Set<string>();
  private preamble = true;
  /** What the dump says about itself. */
  private written: 'by hand' | 'cut short' | 'whole' = 'by hand';
  private entry = '';
  private inserts: Statement[] = [];
  private insertBytes = 0;
  private statements = 0;
  /** Whether the dump gives every object its schema, and the session looks nothing up. */
  private qualified = false;
  private path: 'of the dump' | 'of the app' = 'of the dump';

  constructor(admin: Server, session: Server, target: RestoreTarget, facts: RestoreFacts) {
    this.admin = admin;
    this.session = session;
    this.target = target;
    this.facts = facts;
    this.run = new ScriptRun(session);
  }

  async all(chunks: AsyncIterable<Buffer>): Promise<void> {
    await this.session.query('BEGIN');
    try {
      for await (const item of readScript(chunks)) await this.item(item);
      await this.flush();
      if (this.written === 'cut short')
        throw new ScriptFailure('the dump is cut short: it has no end', {
          line: 0,
          hint: 'copy or download the file again, or dump again',
        });
    } catch (error) {
      throw error instanceof ScriptFailure ? this.explained(error) : error;
    }
    await this.extensionsOfApp();
    await this.session.query('COMMIT');
  }

  private explained(failure: ScriptFailure): ScriptFailure {
    const { line, statement, cause } = failure;
    const hint = failure.hint ?? hintFor(failure, this);
    const where = this.entry === '' || statement === '' ? statement : `${this.entry}: ${statement}`;
    return new ScriptFailure(failure.message, { line, statement: where, hint, cause });
  }

  private async item(item: ScriptItem): Promise<void> {
    switch (item.kind) {
      case 'comment':
        return this.comment(item.text, item.line);
      case 'command':
        return this.command(item);
      case 'copy':
        return this.copy(item);
      case 'rest':
        if (this.written !== 'by hand' || item.open !== ';')
          throw new ScriptFailure(`the dump is cut short: ${item.open} is missing`, {
            line: item.line,
            statement: headOf(item.shape),
            hint: 'copy or download the file again, or dump again',
          });
        return this.statement(item);
      default:
        return this.statement(item);
    }
  }

  private async comment(text: string, line: number): Promise<void> {
    if (text === '-- PostgreSQL database dump') this.written = 'cut short';
    if (text === '-- PostgreSQL database dump complete') this.written = 'whole';
    if (text === '-- PostgreSQL database cluster dump')
      throw new ScriptFailure('this is a dump of all databases of a server, by pg_dumpall', {
        line,
        hint: 'dump the one database that is wanted: `pg_dump NAME`',
      });
    const entry = /^-- (?:Data for )?Name: (.*?); Type: ([^;]+); Schema: ([^;]+)/.exec(text);
    if (!entry) return;
    const [, name, type, schema] = entry;
    this.entry = `${type} ${schema === '-' ? '' : `${schema}.`}${name}`;
    if (this.statements < statementsPerTransaction) return;
    await this.flush();
    await this.session.query('COMMIT; BEGIN');
    this.statements = 0;
  }

  private command({ text, line }: Extract<ScriptItem, { kind: 'command' }>): void {
    if (/^\\(restrict|unrestrict|echo|qecho|warn|encoding|set +ON_ERROR_STOP)\b/.test(text)) {
      const encoding = /^\\encoding +([\w-]+)/.exec(text)?.[1];
      if (encoding !== undefined) this.run.useEncoding(encoding, line);
      return;
    }
    if (/^\\(c|connect)\b/.test(text) && !this.created) {
      this.leave({ do: 'leave', as: 'database' }, { line, text, shape: text });
      return;
    }
    const name = /^\\\S*/.exec(text)?.[0] ?? '\\';
    throw new ScriptFailure(`${name} is a command of psql that is not run in a dump`, {
      line,
      hint: /^\\(c|connect)\b/.test(text)
        ? 'dump one database: the file has several'
        : 'make the dump with pg_dump, or delete the line',
    });
  }

  private async statement(item: Statement): Promise<void> {
    if (/^INSERT INTO\b/i.test(item.shape)) return this.insert(item);
    await this.flush();
    // Which languages there are is known then.
    if (/^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\b/i.test(item.shape)) await this.endPreamble();
    const verdict = verdictOn(item.shape, this.facts, { created: this.created, policies: this.policies });
    switch (verdict.do) {
      case 'refuse':
        throw new ScriptFailure(verdict.message, { line: item.line, hint: verdict.hint });
      case 'leave':
        return this.leave(verdict, item);
      case 'standIn':
        return this.standIn(verdict, item);
      case 'extension':
        return this.extension(verdict, item);
      case 'collation':
        return this.collation(verdict.name, item);
      case 'grant':
        return this.grant(verdict.name, item);
      case 'refresh':
        return this.refresh(verdict.view, item);
      case 'rewrite':
        if (verdict.text !== '') await this.execute(item, verdict.text);
        return;
      default:
        if (!isPreamble(item.shape)) await this.endPreamble();
        if (await this.isOfLeftExtension(item)) return;
        await this.execute(item, item.text);
    }
  }

  private async standIn(
    { instead, listed }: Extract<Verdict, { do: 'standIn' }>,
    item: Statement,
  ): Promise<void> {
    if (listed) this.leftOut(listed.as, item, listed.name, listed.why);
    const text = instead(item.text);
    if (text === '') return;
    await this.endPreamble();
    await this.execute(item, text);
  }

  private async execute(item: Statement, text: string): Promise<void> {
    this.statements += 1;
    await this.lookUp('of the dump');
    if (/^SELECT pg_catalog\.setval\b/i.test(item.shape) && this.leftExtensions) {
      const failure = await this.attempt(item);
      if (failure) this.leftOut('extensionRows', item, `${item.text.split("'")[1]}`);
      return;
    }
    await this.run.statement(item, this.withCollationsOfServer(item, text));
    if (/^CREATE (?!SCHEMA|COLLATION)/i.test(item.shape)) this.created = true;
    if (/^SELECT pg_catalog\.set_config\('search_path', '', false\);$/.test(item.text)) this.qualified = true;
    if (/^SET (?:SESSION )?search_path\b/i.test(item.shape)) this.qualified = false;
  }

  /** A server may be built without ICU, or lack a locale of the other machine. */
  private async collation(name: string, item: Statement): Promise<void> {
    await this.lookUp('of the dump');
    this.collations.add(unquoted(/(?:"[^"]*")+$|[^.\s]+$/.exec(name)?.[0] ?? name));
    const failure = await this.attempt(item);
    if (!failure) return;
    this.leftOut('collation', item, `collation ${unquotedPath(name)}`, failure.message);
    await this.run.statement(item, `CREATE COLLATION ${name} (provider = libc, locale = 'C');`);
  }

  private withCollationsOfServer(item: Statement, text: string): string {
    const isAbsent = (name: string) => !this.facts.collations.has(name) && !this.collations.has(name);
    const absent = collationsOf(item.shape).filter(isAbsent);
    if (absent.length === 0) return text;
    for (const name of absent) this.leftOut('collation', item, `collation ${name}`);
    return collatedByBytes(text, (identifier) => isAbsent(unquoted(identifier)));
  }

  private async copy(item: Copy): Promise<void> {
    await this.flush();
    await this.endPreamble();
    if (await this.isOfLeftExtension(item)) return passOver(item);
    await this.lookUp('of the app');
    await this.run.copy(item);
  }

  private async insert(item: Statement): Promise<void> {
    await this.endPreamble();
    if (await this.isOfLeftExtension(item)) return;
    this.inserts.push(item);
    this.insertBytes += item.text.length;
    if (this.insertBytes > batchBytes) await this.flush();
  }

  private async flush(): Promise<void> {
    const { inserts } = this;
    if (inserts.length === 0) return;
    this.inserts = [];
    this.insertBytes = 0;
    await this.lookUp('of the app');
    await this.run.statements(inserts);
  }

  /**
   * Rows go into a table with its schema: only the functions that its checks, triggers and generated columns call look
   * anything up, and they may need what the app's own sessions see.
   */
  private async lookUp(path: 'of the dump' | 'of the app'): Promise<void> {
    if (!this.qualified || this.path === path) return;
    this.path = path;
    const seen = path === 'of the dump' ? [] : ['"$user"', 'public', ...this.places];
    await this.session.query(`SELECT pg_catalog.set_config('search_path', $1, false)`, [seen.join(', ')]);
  }

  private async extension(
    { name, schema }: Extract<Verdict, { do: 'extension' }>,
    item: Statement,
  ): Promise<void> {
    const wanted = this.target.extensions.includes(name);
    const why = wanted ? undefined : await whyNoExtension(this.admin, name);
    if (why !== undefined) return this.leftOut('extension', item, name, why);
    // The administrator's session sees only what is committed.
    await this.session.query('COMMIT');
    try {
      await createExtension(this.admin, this.target.owner, { name, ...(schema !== undefined && { schema }) });
      if (schema !== undefined && schema !== 'public') this.places.add(`"${schema.replaceAll('"', '""')}"`);
      // It may have brought a language or an access method.
      this.facts = await factsOf(this.admin);
    } catch (error) {
      if (wanted || !isOfServer(error)) throw error;
      this.leftOut('extension', item, name, error.message);
    }
    await this.session.query('BEGIN');
  }

  /** Those that the dump does not create lie where a new database has them. */
  private async endPreamble(): Promise<void> {
    if (!this.preamble) return;
    await this.extensionsOfApp();
  }

  private async extensionsOfApp(): Promise<void> {
    if (!this.preamble) return;
    this.preamble = false;
    await this.session.query('COMMIT');
    for (const name of this.target.extensions) await createExtension(this.admin, this.target.owner, { name });
    if (this.target.extensions.length > 0) this.facts = await factsOf(this.admin);
    await this.session.query('BEGIN');
  }

  private async grant(name: string, item: Statement): Promise<void> {
    await this.endPreamble();
    await this.lookUp('of the dump');
    const failure = await this.attempt(item);
    if (failure) this.leftOut('grant', item, name, failure.message);
  }

  private async refresh(view: string, item: Statement): Promise<void> {
    await this.endPreamble();
    await this.lookUp('of the app');
    const failure = await this.attempt(item);
    if (failure) this.leftOut('view', item, unquotedPath(view), failure.message);
  }

  /** Undoes it when it fails. */
  private async attempt(item: Statement): Promise<ScriptFailure | undefined> {
    await this.session.query('SAVEPOINT attempt');
    try {
      await this.run.statement(item);
    } catch (error) {
      if (!(error instanceof ScriptFailure)) throw error;
      await this.session.query('ROLLBACK TO SAVEPOINT attempt');
      return error;
    }
    await this.session.query('RELEASE SAVEPOINT attempt');
    return undefined;
  }

  private get leftExtensions(): boolean {
    return this.left.some(({ kind }) => kind === 'extension');
  }

  /** Rows and policies of a table that only an extension makes, such as cron.job. */
  private async isOfLeftExtension(item: Statement | Copy): Promise<boolean> {
    const table = tableOf(item.shape);
    if (!this.leftExtensions || table === undefined) return false;
    const text = Buffer.from(table, 'latin1').toString('utf8');
    const [found] = await this.session.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [text],
    );
    if (found?.there) return false;
    const what = unquotedPath(table);
    if (!this.left.some((one) => one.kind === 'extensionRows' && one.what === what))
      this.leftOut('extensionRows', item, what);
    return true;
  }

  private leave(
    { as, name }: Extract<Verdict, { do: 'leave' }>,
    item: Pick<Statement, 'line' | 'shape' | 'text'>,
  ): void {
    if (as === 'policy' && name !== undefined) this.policies.add(name);
    this.leftOut(as, item, name ?? headOf(item.shape));
  }

  private leftOut(
    kind: LeftOut['kind'],
    { line }: Pick<Statement, 'line'>,
    what: string,
    why?: string,
  ): void {
    this.left.push({ kind, line, what, ...(why !== undefined && { why }) });
  }
}

function isOfServer(error: unknown): error is Error {
  return error instanceof DatabaseError || error instanceof CoppiceError;
}

function unquotedPath(name: string): string {
  return name.split('.').map(unquoted).join('.');
}

async function factsOf(admin: Server): Promise<RestoreFacts> {
  const names = async (sql: string) =>
    new Set((await admin.query<{ name: string }>(sql)).map(({ name }) => name));
  return {
    roles: await names('SELECT rolname AS name FROM pg_roles'),
    settings: await names('SELECT lower(name) AS name FROM pg_settings'),
    accessMethods: await names('SELECT amname AS name FROM pg_am'),
    collations: await names(
      `SELECT collname AS name FROM pg_collation WHERE collencoding IN (-1,
         (SELECT encoding FROM pg_database WHERE datname = current_database()))`,
    ),
    languages: await names('SELECT lanname AS name FROM pg_language'),
  };
}

/** Throws ScriptFailure when the file is no dump of PostgreSQL at all. */
async function* checked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of chunks) {
    if (first && chunk.length > 0) {
      requireDump(chunk);
      first = false;
    }
    yield chunk;
  }
  if (first) throw new ScriptFailure('the file is empty', { line: 1, hint: 'dump again' });
}

function requireDump(begin: Buffer): void {
  requireText(begin);
  const text = begin.toString('latin1', 0, 200);
  const other = /^-- (MySQL|MariaDB|SQLite) dump|^(SQLite) format|^\s*(<!doctype html|<html)/i.exec(text);
  if (other)
    throw new ScriptFailure(`this is no dump of PostgreSQL (it begins with ${other[0].trim()})`, {
      line: 1,
      hint: 'make it with pg_dump',
    });
}

function dumpError({ path, origin }: DumpText, failure: ScriptFailure): CoppiceError {
  const { line, message, statement, hint, cause } = failure;
  const place = line === 0 ? '' : origin === 'text' ? ` in line ${line}` : ` in line ${line} of its text`;
  return new CoppiceError(
    'COPPICE_DUMP',
    `the dump ${path} failed${place}: ${message}${statement && ` (${statement})`}`,
    { ...(hint !== undefined && { hint }), cause },
  );
}
