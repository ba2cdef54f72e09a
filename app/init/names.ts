import { isName, longestName, nameNear } from '../../core/names.ts';

/**
 * A valid name from any text, cut between words where that leaves something to recognise: `koa-knex-realworld-example`
 * is `koa-knex-realworld`. Undefined when the text has no letter.
 */
export function nameFor(text: string): string | undefined {
  const words = plainLetters(text)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  let name = '';
  for (const word of words) {
    const longer = name === '' ? word : `${name}-${word}`;
    if (longer.length > longestName) break;
    name = longer;
  }
  return nameNear(name) ?? nameNear(plainLetters(text));
}

/** Without accents: `Größe` is `Grosse`. */
function plainLetters(text: string): string {
  return text.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '');
}

/** The same, unlike all names that are taken: two folders may be cut to one name. */
export function freeName(text: string, taken: ReadonlySet<string>): string {
  const name = nameFor(text) ?? 'app';
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const tail = `-${number}`;
    const candidate = `${cutAt(name, longestName - tail.length)}${tail}`;
    if (isName(candidate) && !taken.has(candidate)) return candidate;
  }
}

/** At most so many characters, whole words if the first one fits. */
function cutAt(name: string, length: number): string {
  if (name.length <= length) return name;
  const end = name.lastIndexOf('-', length);
  return name.slice(0, end > 0 ? end : length);
}
