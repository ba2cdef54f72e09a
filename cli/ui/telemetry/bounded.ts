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
 * of a file with the whole. `most`: how many rows are then left of its other long lists.
 */
export async function boundedDocument<Key extends string>(
  document: Readonly<Record<Key, readonly unknown[]>>,
  key: Key,
  write: WriteWhole,
  most: Readonly<Record<string, number>> = {},
): Promise<object> {
  const text = JSON.stringify(document, null, 2);
  if (Buffer.byteLength(text) <= answerBytes) return document;
  const whole = document[key];
  const cut = Object.entries<unknown>(document).flatMap(([name, rows]) =>
    Array.isArray(rows) && most[name] !== undefined ? [[name, rows.slice(0, most[name])]] : [],
  );
  const head = {
    ...document,
    ...Object.fromEntries(cut),
    shown: whole.length,
    file: await write(text),
    [key]: [],
  };
  const rows = firstWithin(whole, answerBytes - printedBytes(head));
  return { ...head, shown: rows.length, [key]: rows };
}

/** Of a value as `--json` prints it. */
function printedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value, null, 2));
}

function firstWithin(rows: readonly unknown[], bytes: number): readonly unknown[] {
  let left = bytes;
  const end = rows.findIndex((row) => {
    // In a list of a list, as below a key of the document: with its indentation, and brackets for the comma.
    left -= printedBytes([[row]]);
    return left < 0;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
}
