/**
 * What stands in a copy for something of the original that it cannot have, so that everything which depends on it is
 * restored. Statements have one character for each byte (latin1), and no comment before them.
 */

interface Token {
  readonly text: string;
  /** In upper case; empty when it is no word. */
  readonly word: string;
  /** Parentheses around it; a parenthesis itself counts as outside. */
  readonly depth: number;
}

/** A plain table with the columns and checks of a foreign one, from its CREATE FOREIGN TABLE. */
export function plainTable(statement: string): string {
  const tokens = withoutOptions(withoutForeign(tokensOf(statement)), 1);
  const server = tokens.findIndex(({ word, depth }, at) => {
    if (word !== 'SERVER' || depth !== 0) return false;
    // A table may have this name: the clause comes after the columns, or after PARTITION OF … DEFAULT.
    const before = significant(tokens.slice(0, at)).at(-1);
    return before?.text === ')' || before?.word === 'DEFAULT';
  });
  return `${textOf(server === -1 ? tokens : tokens.slice(0, server)).replace(/[\s;]+$/, '')};`;
}

/** What an ALTER FOREIGN TABLE is for the plain table; empty when it only sets options of the foreign one. */
export function plainAlteration(statement: string): string {
  const tokens = withoutForeign(tokensOf(statement));
  const [head, actions] = splitAlteration(tokens);
  const kept = actions.filter((action) => !action.some((_, at) => isOptions(action, at, 0)));
  if (kept.length === 0) return '';
  return `${textOf(head)}${kept
    .map(textOf)
    .join(',')
    .replace(/[\s;]+$/, '')};`;
}

/** DROP or COMMENT ON FOREIGN TABLE for the plain table. */
export function ofPlainTable(statement: string): string {
  return textOf(withoutForeign(tokensOf(statement)));
}

/**
 * A function or procedure in a language that is not here: one with the same arguments and result, which fails when it
 * is called and says why.
 */
export function functionThatFails(statement: string, language: string): string {
  const reason = `it is written in ${language}, which this server does not have`.replaceAll("'", "''");
  const body = `BEGIN RAISE EXCEPTION USING ERRCODE = 'feature_not_supported', MESSAGE = '${reason}'; END`;
  const tokens = tokensOf(statement);
  const named = languageToken(tokens);
  const [begin, end] = bodyOf(tokens);
  return tokens
    .map((one, at) => {
      if (one === named) return 'plpgsql';
      if (at === begin) return `'${body.replaceAll("'", "''")}'`;
      return at > begin && at <= end ? '' : one.text;
    })
    .join('');
}

/** With the collation C for those that `isAbsent` says of the identifier after COLLATE. */
export function collatedByBytes(statement: string, isAbsent: (identifier: string) => boolean): string {
  const tokens = tokensOf(statement);
  const words = significant(tokens);
  const absent = new Set<Token>();
  for (const [at, { word }] of words.entries()) {
    if (word !== 'COLLATE') continue;
    const isServers = words[at + 1]?.word === 'PG_CATALOG' && words[at + 2]?.text === '.';
    const named = words[isServers ? at + 3 : at + 1];
    const isQualified = words[isServers ? at + 4 : at + 2]?.text === '.';
    if (named && !isQualified && isAbsent(named.text)) absent.add(named);
  }
  return tokens.map((one) => (absent.has(one) ? '"C"' : one.text)).join('');
}

/** The identifier after LANGUAGE in a CREATE FUNCTION; an argument and the function itself may have that name too. */
export function languageOf(statement: string): string | undefined {
  return languageToken(tokensOf(statement))?.text;
}

function languageToken(tokens: readonly Token[]): Token | undefined {
  const clauses = significant(afterArguments(tokens));
  const at = clauses.findIndex(
    ({ word, depth }, index) => word === 'LANGUAGE' && depth === 0 && clauses[index - 1]?.text !== '.',
  );
  const found = at === -1 ? undefined : clauses[at + 1];
  return found?.word || found?.text.startsWith('"') ? found : undefined;
}

/** First and last token of what comes after AS: a body, or a file and its symbol. */
function bodyOf(tokens: readonly Token[]): [begin: number, end: number] {
  const clauses = significant(afterArguments(tokens));
  const at = clauses.findIndex(
    ({ word, depth }, index) => word === 'AS' && depth === 0 && isString(clauses[index + 1]?.text ?? ''),
  );
  const [, body, comma, symbol] = clauses.slice(at);
  if (at === -1 || body === undefined) return [-1, -1];
  const last = comma?.text === ',' && symbol !== undefined ? symbol : body;
  return [tokens.indexOf(body), tokens.indexOf(last)];
}

function afterArguments(tokens: readonly Token[]): readonly Token[] {
  return tokens.slice(tokens.findIndex(({ text, depth }) => text === ')' && depth === 0) + 1);
}

const token =
  /[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$((?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\s+|[\s\S]/g;

function tokensOf(statement: string): Token[] {
  let depth = 0;
  return [...statement.matchAll(token)].map(([text]) => {
    if (text === ')') depth -= 1;
    const found = { text, word: /^[A-Za-z_\x80-\xff]/.test(text) ? text.toUpperCase() : '', depth };
    if (text === '(') depth += 1;
    return found;
  });
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('');
}

function isPassedOver(text: string): boolean {
  return /^(?:\s|--|\/\*)/.test(text);
}

function isString(text: string): boolean {
  return /^(?:[eE]?'|\$.*\$)/s.test(text);
}

function significant(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ text }) => !isPassedOver(text));
}

/** ALTER, CREATE, DROP or COMMENT ON FOREIGN: the word comes before every name. */
function withoutForeign(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex(({ word }) => word === 'FOREIGN');
  return at === -1 ? tokens : tokens.toSpliced(at, 2);
}

/** Whether OPTIONS (…) begins here; a column may have that name. */
function isOptions(tokens: readonly Token[], at: number, depth: number): boolean {
  const one = tokens[at];
  if (one?.word !== 'OPTIONS' || one.depth !== depth) return false;
  const [before] = significant(tokens.slice(0, at)).slice(-1);
  const [after] = significant(tokens.slice(at + 1, at + 5));
  return after?.text === '(' && before?.text !== '(' && before?.text !== ',' && before?.word !== 'CHECK';
}

/** Lines are kept: the server says where a mistake is. */
function withoutOptions(tokens: readonly Token[], depth: number): readonly Token[] {
  const kept: Token[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const one = tokens[at];
    if (one === undefined) break;
    if (!isOptions(tokens, at, depth)) {
      kept.push(one);
      continue;
    }
    const end = tokens.findIndex((other, index) => index > at && other.text === ')' && other.depth === depth);
    const removed = textOf(tokens.slice(at, end + 1));
    kept.push({ text: removed.replaceAll(/[^\n]/g, ''), word: '', depth });
    at = end;
  }
  return kept;
}

/** `ALTER TABLE IF EXISTS ONLY schema.name`, and its actions. */
function splitAlteration(tokens: readonly Token[]): [Token[], Token[][]] {
  const names = tokens.findIndex(
    ({ text, word }, at) => at > 0 && !isPassedOver(text) && !alterWords.has(word),
  );
  let end = names;
  while (tokens[end + 1]?.text === '.') end += 2;
  const actions: Token[][] = [[]];
  for (const one of tokens.slice(end + 1)) {
    if (one.text === ',' && one.depth === 0) actions.push([]);
    else actions.at(-1)?.push(one);
  }
  return [tokens.slice(0, end + 1), actions];
}

const alterWords: ReadonlySet<string> = new Set(['ALTER', 'TABLE', 'IF', 'EXISTS', 'ONLY']);
