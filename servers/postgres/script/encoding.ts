import { isUtf8 } from 'node:buffer';

/** How the bytes of a script become text. */
export interface Encoding {
  /** PostgreSQL's name; absent for UTF-8, which is what the session itself speaks. */
  readonly name?: string;
  /** Undefined when these bytes are none of its text. */
  decode(bytes: Buffer): string | undefined;
}

export const utf8: Encoding = {
  decode: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined),
};

/** PostgreSQL's names, and WHATWG's. Those whose later bytes can look like ASCII are missing: pg_dump writes none. */
const others: Readonly<Record<string, string>> = {
  latin2: 'iso-8859-2',
  latin3: 'iso-8859-3',
  latin4: 'iso-8859-4',
  latin6: 'iso-8859-10',
  latin7: 'iso-8859-13',
  latin8: 'iso-8859-14',
  latin9: 'iso-8859-15',
  latin10: 'iso-8859-16',
  iso88595: 'iso-8859-5',
  iso88596: 'iso-8859-6',
  iso88597: 'iso-8859-7',
  iso88598: 'iso-8859-8',
  win866: 'ibm866',
  win874: 'windows-874',
  win1250: 'windows-1250',
  win1251: 'windows-1251',
  win1252: 'windows-1252',
  win1253: 'windows-1253',
  win1254: 'windows-1254',
  win1255: 'windows-1255',
  win1256: 'windows-1256',
  win1257: 'windows-1257',
  win1258: 'windows-1258',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  eucjp: 'euc-jp',
  euckr: 'euc-kr',
  euccn: 'gbk',
};

/** The encoding that `client_encoding` or `\encoding` names; undefined for one that is not read here. */
export function encodingNamed(name: string): Encoding | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (['utf8', 'unicode', 'sqlascii'].includes(plain)) return utf8;
  if (plain === 'latin1' || plain === 'iso88591')
    return { name: 'LATIN1', decode: (bytes) => bytes.toString('latin1') };
  const label = others[plain];
  if (label === undefined) return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  return { name, decode: (bytes) => decoded(decoder, bytes) };
}

function decoded(
  decoder: Pick<InstanceType<typeof TextDecoder>, 'decode'>,
  bytes: Buffer,
): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The encoding that a statement sets for what follows it: `SET client_encoding = 'LATIN1'`. */
export function encodingSet(statement: string): string | undefined {
  const set = /^SET\s+(?:SESSION\s+)?client_encoding\s*(?:=|\sTO\s)\s*'?([\w-]+)'?\s*;?$/i;
  const names = /^SET\s+NAMES\s+'([\w-]+)'\s*;?$/i;
  return (set.exec(statement) ?? names.exec(statement))?.[1];
}
