import { functionThatFails, languageOf, ofPlainTable, plainAlteration, plainTable } from './stand-ins.ts';

/**
 * What becomes of a statement of a dump. Everything is decided by its shape: its text without comments and the
 * contents of strings, so that no row and no function body is taken for a statement.
 */
export type Verdict =
  | { readonly do: 'run' }
  /** Instead of what stands there. */
  | { readonly do: 'rewrite'; readonly text: string }
  | { readonly do: 'leave'; readonly as: LeftKind; readonly name?: string }
  /** `instead` makes what is run of the statement's text; empty when nothing is. It is listed when it has a name. */
  | {
      readonly do: 'standIn';
      readonly instead: (text: string) => string;
      readonly listed?: { readonly as: LeftKind; readonly name: string; readonly why?: string };
    }
  | { readonly do: 'extension'; readonly name: string; readonly schema?: string }
  | { readonly do: 'collation'; readonly name: string }
  /** Fills a materialised view; may fail without harm to the rest. */
  | { readonly do: 'refresh'; readonly view: string }
  /** Of privileges for PUBLIC; refused for objects of extensions, which belong to somebody else. */
  | { readonly do: 'grant'; readonly name: string }
  | { readonly do: 'refuse'; readonly message: string; readonly hint: string };

/** Why something is left out; the keys of {@link leftWords}. */
export type LeftKind = keyof typeof leftWords;

/** Each with its words for one and for many, and why; what is left out says more where the reason is its own. */
export const leftWords = {
  owner: ['owner', 'owners', 'one role owns everything here'],
  grant: ['grant', 'grants', 'its roles are not here: one role owns everything'],
  role: ['statement about roles', 'statements about roles', 'roles belong to the server'],
  database: ['statement about the database', 'statements about the database', 'the database is here already'],
  drop: ['drop', 'drops', 'the database is new'],
  extension: ['extension', 'extensions', 'the server does not have or allow it'],
  extensionRows: ['table of an extension', 'tables of extensions', 'its extension was left out'],
  eventTrigger: ['event trigger', 'event triggers', 'only a superuser may create one'],
  replication: [
    'publication or subscription',
    'publications and subscriptions',
    'a copy takes no part in replication',
  ],
  foreign: [
    'foreign server, wrapper or user mapping',
    'foreign servers, wrappers and user mappings',
    'a copy reaches no other server',
  ],
  foreignTable: [
    'foreign table (an empty table stands for it)',
    'foreign tables (empty tables stand for them)',
    'a copy reaches no other server: a plain table stands for it, empty unless the dump has its rows',
  ],
  language: ['language', 'languages', 'the server does not have it'],
  function: [
    'function in a language that is not here (it fails when it is called)',
    'functions in languages that are not here (they fail when they are called)',
    'its language is not here',
  ],
  collation: [
    'collation (C sorts instead)',
    'collations (C sorts instead)',
    'the server does not have it: text is compared and sorted by its bytes',
  ],
  accessMethod: ['access method', 'access methods', 'only a superuser may create one'],
  label: ['security label', 'security labels', 'its provider is not here'],
  tablespace: ['tablespace', 'tablespaces', 'there is only the default one'],
  setting: ['setting', 'settings', 'the server does not know it'],
  policy: ['policy', 'policies', 'its roles are not here'],
  view: ['materialised view without rows', 'materialised views without rows', 'it could not be filled'],
} as const satisfies Record<string, readonly [one: string, many: string, why: string]>;

/** What of the server decides. */
export interface RestoreFacts {
  readonly roles: ReadonlySet<string>;
  /** In lower case. */
  readonly settings: ReadonlySet<string>;
  readonly accessMethods: ReadonlySet<string>;
  readonly languages: ReadonlySet<string>;
  readonly collations: ReadonlySet<string>;
}

/** What was seen of the dump before. */
export interface DumpProgress {
  /** Whether something exists that a DROP could mean. */
  readonly created: boolean;
  /** `name ON table` of policies that were left out. */
  readonly policies: ReadonlySet<string>;
}

const part = String.raw`(?:(?:"[^"]*")+|[^\s"(;]+)`;
/** An identifier, with its schema or without. */
const name = String.raw`${part}(?:\s*\.\s*${part})*`;
/** What may stand between; a name in quotes is passed over as a whole, as it may hold semicolons and keywords. */
const words = '(?:"[^"]*"|[^;"])*?';
const pattern = (text: string) =>
  new RegExp(`^${text.replaceAll('NAME', name).replaceAll('WORDS', words)}`, 'i');
const leave = (as: LeftKind): Verdict => ({ do: 'leave', as });
const run: Verdict = { do: 'run' };

type Rule = readonly [
  RegExp,
  Verdict | ((found: RegExpExecArray, facts: RestoreFacts, progress: DumpProgress) => Verdict),
];

/** The first that matches decides. */
const rules: readonly Rule[] = [
  // Each dump is restored in one transaction, with the large objects that it has.
  [/^(BEGIN|COMMIT|START TRANSACTION|END)\b[^;]*;$/i, { do: 'rewrite', text: '' }],
  [/^SET (?:SESSION |LOCAL )?(?:ROLE|SESSION AUTHORIZATION)\b/i, leave('role')],
  [/^RESET (?:ROLE|SESSION AUTHORIZATION)\b/i, leave('role')],
  [
    /^SET (?:SESSION )?default_table_access_method (?:=|TO) ("?)(\w+)\1/i,
    ([, , method = ''], { accessMethods }) =>
      accessMethods.has(method) ? run : { do: 'leave', as: 'setting', name: `table access method ${method}` },
  ],
  // No tablespace but the default one exists here.
  [/^SET (?:SESSION )?default_tablespace (?:=|TO)/i, { do: 'rewrite', text: '' }],
  [
    /^SET (?:SESSION |LOCAL )?([\w.]+) (?:=|TO)/i,
    ([, setting = ''], { settings }) =>
      setting.includes('.') || settings.has(setting.toLowerCase()) || setting.toLowerCase() === 'names'
        ? run
        : { do: 'leave', as: 'setting', name: setting },
  ],
  // Every server has PUBLIC; what belongs to no database is not the copy's.
  [
    pattern(
      String.raw`(?:GRANT|REVOKE) WORDS ON (?!(?:DATABASE|LANGUAGE|TABLESPACE|PARAMETER|FOREIGN)\b)WORDS (?:TO|FROM) PUBLIC(?: CASCADE| RESTRICT)?;$`,
    ),
    ([shape]) => ({ do: 'grant', name: statementName(shape) }),
  ],
  [
    /^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b/i,
    ([shape]) => ({ do: 'leave', as: 'grant', name: statementName(shape) }),
  ],
  [pattern('ALTER WORDS OWNER TO NAME;$'), leave('owner')],
  [/^(?:CREATE|ALTER|DROP|COMMENT ON) (?:ROLE|USER|GROUP)\b(?! MAPPING)/i, leave('role')],
  [/^(?:DROP|REASSIGN) OWNED\b/i, leave('role')],
  [/^(?:CREATE|ALTER|DROP|COMMENT ON) DATABASE\b/i, leave('database')],
  [/^ALTER SYSTEM\b/i, leave('setting')],
  [/^SECURITY LABEL\b/i, leave('label')],
  [/^(?:CREATE|ALTER|DROP|COMMENT ON) TABLESPACE\b/i, leave('tablespace')],
  [
    pattern('(?:CREATE|ALTER|DROP|COMMENT ON) EVENT TRIGGER (?:IF EXISTS )?(NAME)'),
    ([, trigger = '']) => ({ do: 'leave', as: 'eventTrigger', name: trigger }),
  ],
  [
    pattern('(?:CREATE|ALTER|DROP|COMMENT ON) (PUBLICATION|SUBSCRIPTION) (?:IF EXISTS )?(NAME)'),
    ([, what = '', named = '']) => ({
      do: 'leave',
      as: 'replication',
      name: `${what.toLowerCase()} ${named}`,
    }),
  ],
  [
    pattern('CREATE FOREIGN TABLE (?:IF NOT EXISTS )?(NAME)'),
    ([, table = '']) => ({
      do: 'standIn',
      instead: plainTable,
      listed: { as: 'foreignTable', name: `foreign table ${table}` },
    }),
  ],
  [
    pattern(String.raw`(?:DROP FOREIGN TABLE|ALTER FOREIGN TABLE WORDS DROP (?:CONSTRAINT|DEFAULT))\b`),
    (_, __, { created }) => (created ? { do: 'standIn', instead: ofPlainTable } : leave('drop')),
  ],
  [/^ALTER FOREIGN TABLE\b/i, { do: 'standIn', instead: plainAlteration }],
  [/^COMMENT ON FOREIGN TABLE\b/i, { do: 'standIn', instead: ofPlainTable }],
  [
    pattern('(?:CREATE|ALTER|DROP|COMMENT ON) (FOREIGN DATA WRAPPER|SERVER) (?:IF (?:NOT )?EXISTS )?(NAME)'),
    ([, what = '', named = '']) => ({ do: 'leave', as: 'foreign', name: `${what.toLowerCase()} ${named}` }),
  ],
  [
    pattern('(?:CREATE|ALTER|DROP|COMMENT ON) USER MAPPING (?:IF (?:NOT )?EXISTS )?(FOR NAME SERVER NAME)'),
    ([, named = '']) => ({ do: 'leave', as: 'foreign', name: `user mapping ${named}` }),
  ],
  [/^(?:CREATE|ALTER|DROP|COMMENT ON) FOREIGN\b|^IMPORT FOREIGN SCHEMA\b/i, leave('foreign')],
  [
    pattern(`CREATE EXTENSION (?:IF NOT EXISTS )?(NAME)(?: WITH)?(?: SCHEMA (NAME))?`),
    ([, extension = '', schema]) => extensionVerdict(unquoted(extension), schema && unquoted(schema)),
  ],
  [/^(?:ALTER|COMMENT ON|DROP) EXTENSION\b/i, { do: 'rewrite', text: '' }],
  // Every server has it since PostgreSQL 9.0, and a login without rights may not create it.
  [
    /^(?:CREATE|ALTER|DROP|COMMENT ON) (?:OR REPLACE )?(?:TRUSTED )?(?:PROCEDURAL )?LANGUAGE (?:IF EXISTS )?"?plpgsql\b/i,
    { do: 'rewrite', text: '' },
  ],
  [
    pattern(
      '(?:CREATE|ALTER|DROP|COMMENT ON) (?:OR REPLACE )?(?:TRUSTED )?(?:PROCEDURAL )?LANGUAGE (?:IF EXISTS )?(NAME)',
    ),
    ([, language = ''], { languages }) =>
      languages.has(unquoted(language))
        ? { do: 'rewrite', text: '' }
        : { do: 'leave', as: 'language', name: unquoted(language) },
  ],
  [
    pattern('CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) (NAME)'),
    ([shape, named = ''], { languages }) => {
      const language = unquoted(languageOf(shape) ?? 'sql');
      if (languages.has(language)) return run;
      return {
        do: 'standIn',
        instead: (text) => functionThatFails(text, language),
        listed: { as: 'function', name: `function ${named}`, why: `its language ${language} is not here` },
      };
    },
  ],
  [
    pattern('CREATE COLLATION (?:IF NOT EXISTS )?(NAME)'),
    ([, collation = '']) => ({ do: 'collation', name: collation }),
  ],
  [
    pattern('(?:CREATE|DROP|COMMENT ON) ACCESS METHOD (?:IF EXISTS )?(NAME)'),
    ([, method = '']) => ({ do: 'leave', as: 'accessMethod', name: method }),
  ],
  [
    pattern('ALTER (?:TABLE|MATERIALIZED VIEW) WORDS SET ACCESS METHOD (NAME);$'),
    ([, method = ''], { accessMethods }) =>
      method.toUpperCase() === 'DEFAULT' || accessMethods.has(unquoted(method))
        ? run
        : { do: 'leave', as: 'setting', name: `table access method ${method}` },
  ],
  [
    pattern(
      String.raw`CREATE SCHEMA (?:IF NOT EXISTS )?(?!AUTHORIZATION\b)(NAME)(?: AUTHORIZATION NAME)?\s*;$`,
    ),
    ([, schema = '']) => ({ do: 'rewrite', text: `CREATE SCHEMA IF NOT EXISTS ${schema};` }),
  ],
  [
    pattern(`CREATE POLICY (NAME) ON (NAME)`),
    ([text, policy = '', table = ''], { roles }) => {
      const missing = rolesOf(text, policyRoles).filter((role) => !roles.has(role));
      if (missing.length === 0) return run;
      return { do: 'leave', as: 'policy', name: `${policy} ON ${table}` };
    },
  ],
  [
    pattern(`(?:COMMENT ON|ALTER) POLICY (NAME) ON (NAME)`),
    ([, policy, table], _, { policies }) =>
      policies.has(`${policy} ON ${table}`) ? { do: 'rewrite', text: '' } : run,
  ],
  [
    pattern(String.raw`(?:DROP\b|ALTER WORDS DROP (?:CONSTRAINT|DEFAULT|IDENTITY)\b)`),
    (_, __, { created }) => (created ? run : leave('drop')),
  ],
  [
    pattern(String.raw`ALTER TABLE (?:IF EXISTS )?WORDS ALTER COLUMN WORDS DROP\b`),
    (_, __, { created }) => (created ? run : leave('drop')),
  ],
  // What `--clean` writes for large objects.
  [/^SELECT pg_catalog\.lo_unlink\(/i, (_, __, { created }) => (created ? run : leave('drop'))],
  [pattern(`REFRESH MATERIALIZED VIEW (NAME)`), ([, view = '']) => ({ do: 'refresh', view })],
];

/** What becomes of a statement whose shape this is. */
export function verdictOn(shape: string, facts: RestoreFacts, progress: DumpProgress): Verdict {
  for (const [form, verdict] of rules) {
    const found = form.exec(shape);
    if (!found) continue;
    // A pattern matches the beginning, and a rule may need all of it.
    if (typeof verdict === 'object') return verdict;
    found[0] = shape;
    return verdict(found, facts, progress);
  }
  return run;
}

/** Whether a statement may come before the first table, so that all extensions exist then. */
export function isPreamble(shape: string): boolean {
  return /^(?:SET|RESET|SELECT pg_catalog\.set_config|CREATE SCHEMA|COMMENT ON SCHEMA|CREATE COLLATION|COMMENT ON COLLATION)\b/i.test(
    shape,
  );
}

function extensionVerdict(extension: string, schema: string | undefined): Verdict {
  // Each new database has it.
  if (extension === 'plpgsql') return { do: 'rewrite', text: '' };
  // This schema is the server's own.
  if (schema === undefined || schema === 'pg_catalog') return { do: 'extension', name: extension };
  return { do: 'extension', name: extension, schema };
}

const policyRoles =
  / TO ((?:(?:"[^"]*")+|[^\s"(;,]+)(?:\s*,\s*(?:(?:"[^"]*")+|[^\s"(;,]+))*)(?=\s*(?:;|USING\b|WITH CHECK\b|$))/i;
const always = ['public', 'current_user', 'current_role', 'session_user'];

/** The roles that a statement names. */
function rolesOf(shape: string, list: RegExp): string[] {
  const named = list.exec(shape)?.[1] ?? '';
  const roles = named.match(/(?:"[^"]*")+|[^\s",]+/g) ?? [];
  return roles.filter((role) => !always.includes(role.toLowerCase())).map(unquoted);
}

/** A name as the server has it; a shape has one character for each byte. */
export function unquoted(identifier: string): string {
  const text = Buffer.from(identifier.trim(), 'latin1').toString('utf8');
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}

/** A statement that is its own name: in one line, without its end. */
function statementName(shape: string): string {
  return Buffer.from(shape, 'latin1').toString('utf8').replace(/\s*;$/, '').replaceAll(/\s+/g, ' ');
}

/** The table whose rows or policies this is about: of those, a dump has an extension's too. */
export function tableOf(shape: string): string | undefined {
  return (ofRows.exec(shape) ?? ofPolicies.exec(shape))?.[1];
}

/** Collations that a statement names without a schema or as the server's own. */
export function collationsOf(shape: string): string[] {
  return [...shape.matchAll(collate)].map(([, collation = '']) => unquoted(collation));
}

const collate =
  /\bCOLLATE (?:pg_catalog\s*\.\s*)?("(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*(?![\w$\x80-\xff]))(?!\s*\.)/gi;

const ofRows = pattern('(?:COPY|INSERT INTO)(?: ONLY)? (NAME)');
const ofPolicies = pattern(
  '(?:(?:CREATE|COMMENT ON|ALTER) POLICY NAME ON|ALTER TABLE(?: ONLY)?(?= WORDS ROW LEVEL SECURITY;$)) (NAME)',
);
