import { join } from 'node:path';
import { writeAtomic } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';

/** Bytes of an answer on the terminal, or in a program's pipe; what is longer goes to a file. */
export const answerBytes = 32 * 1024;

/** Whose answer it is; undefined for all environments. */
type Whose = { readonly app: string; readonly slug: string } | undefined;

/**
 * Writes a long answer to a file beside the record of the environment, and returns its path. The next long answer of
 * the same verb replaces it, and it goes with the environment's record.
 */
export async function spill(whose: Whose, verb: string, text: string, places = paths()): Promise<string> {
  const file =
    whose === undefined
      ? join(places.logs, `all-environments.${verb}.txt`)
      : join(places.environments, whose.app, `${whose.slug}.${verb}.txt`);
  await writeAtomic(file, text);
  return file;
}

/** A text, or the lines of it that fit before the place of the whole. */
export async function spillLong(whose: Whose, verb: string, text: string): Promise<string> {
  const bytes = Buffer.byteLength(text);
  if (bytes <= answerBytes) return text;
  const file = await spill(whose, verb, `${text}\n`);
  const shown = text
    .split('\n')
    .slice(0, FIRST_LINES)
    .map((line) => line.slice(0, FIRST_COLUMNS));
  return [...shown, `… the whole answer (${Math.ceil(bytes / 1024)} kB): ${file}`].join('\n');
}

/** What a long answer shows of itself. */
const FIRST_LINES = 20;
const FIRST_COLUMNS = 200;
