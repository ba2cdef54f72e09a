import { answerBytes } from '../../../app/telemetry/spill.ts';
import { size } from '../../../core/text/size.ts';
import { tokensIn } from '../../../core/text/tokens.ts';

/** Tokens that no answer exceeds, whatever was asked for; some are left for the lines around the rows. */
export const MOST_TOKENS = 1_850;

/** Writes a text and returns its path. */
export type WriteWhole = (text: string) => Promise<string>;

/**
 * A text as it is while it has few enough tokens; else the shorter one, and the name of a file with the whole. The
 * shorter one fits by itself.
 */
export async function bounded(whole: string, shorter: () => string, write: WriteWhole): Promise<string> {
  if (tokensIn(whole) <= MOST_TOKENS) return whole;
  return [shorter(), await wholeLine(whole, write)].join('\n');
}

async function wholeLine(whole: string, write: WriteWhole): Promise<string> {
  return `all of it, ${size(Buffer.byteLength(whole))}: ${await write(whole)}`;
}

/**
 * A document as it is while it is short enough to print; else with its first rows, which are below `key`, and the name
 * of a file with the whole.
 */
export async function boundedDocument<Key extends string>(
  document: Readonly<Record<Key, readonly unknown[]>>,
  key: Key,
  write: WriteWhole,
): Promise<object> {
  const text = JSON.stringify(document, null, 2);
  if (Buffer.byteLength(text) <= answerBytes) return document;
  const rows = firstWithin(document[key], answerBytes);
  return { ...document, shown: rows.length, file: await write(text), [key]: rows };
}

function firstWithin(rows: readonly unknown[], bytes: number): readonly unknown[] {
  let left = bytes;
  const end = rows.findIndex((row) => {
    left -= Buffer.byteLength(JSON.stringify(row, null, 2));
    return left < 0;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
}
