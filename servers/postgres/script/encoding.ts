/** How the bytes of a script become text. */
export interface Encoding {
  /** As the server calls it; absent for UTF-8, which is what the session itself speaks. */
  readonly name?: string;
  /** The rows may be in any encoding: those of a database in SQL_ASCII, which PostgreSQL never looks at. */
  readonly unchecked?: true;
}

export const utf8: Encoding = {};

/**
 * PostgreSQL's encodings whose longer characters have no byte that looks like ASCII, in lower case without signs. Only
 * these can be split into statements byte by byte, so SJIS, BIG5, GBK, GB18030, UHC and JOHAB are missing.
 */
const others: ReadonlySet<string> = new Set([
  ...['latin1', 'latin2', 'latin3', 'latin4', 'latin5', 'latin6', 'latin7', 'latin8', 'latin9', 'latin10'],
  ...['iso88591', 'iso88592', 'iso88593', 'iso88594', 'iso88595', 'iso88596', 'iso88597', 'iso88598'],
  ...['iso88599', 'iso885910', 'iso885913', 'iso885914', 'iso885915', 'iso885916'],
  ...['win866', 'win874', 'win1250', 'win1251', 'win1252', 'win1253', 'win1254', 'win1255', 'win1256'],
  ...['win1257', 'win1258', 'windows1250', 'windows1251', 'windows1252', 'windows1253', 'windows1254'],
  ...['windows1255', 'windows1256', 'windows1257', 'windows1258', 'koi8r', 'koi8u'],
  ...['eucjp', 'eucjis2004', 'euckr', 'euccn', 'euctw'],
]);

/** The encoding that `client_encoding` or `\encoding` names; undefined for one that is not read here. */
export function encodingNamed(name: string): Encoding | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain === 'sqlascii') return { unchecked: true };
  if (plain === 'utf8' || plain === 'unicode') return utf8;
  return others.has(plain) ? { name } : undefined;
}

/** The encoding that a statement sets for what follows it: `SET client_encoding = 'LATIN1'`. */
export function encodingSet(statement: string): string | undefined {
  const set = /^SET\s+(?:SESSION\s+)?client_encoding\s*(?:=|\sTO\s)\s*'?([\w-]+)'?\s*;?$/i;
  const names = /^SET\s+NAMES\s+'([\w-]+)'\s*;?$/i;
  return (set.exec(statement) ?? names.exec(statement))?.[1];
}
