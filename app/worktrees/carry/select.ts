import { basename } from 'node:path';

/** Folders that package managers fill: a pattern reaches into one only if it names it. */
const filledByManagers: readonly string[] = ['node_modules', '.venv', 'venv', 'vendor'];

/** An entry is a path relative to the top; a folder has a slash at its end and stands for all that is in it. */
export type IgnoredEntry = string;

/** Ignored entries in which a pattern is looked for, by the text of all patterns. */
export function searched(ignored: readonly IgnoredEntry[], text: string): IgnoredEntry[] {
  const unnamed = filledByManagers.filter((name) => !text.includes(name));
  return outermost(ignored.filter((entry) => !unnamed.some((name) => isIn(entry, name))));
}

/**
 * What is both ignored and named by a pattern: git collapses what it answers to folders, which may be above or below an
 * ignored entry.
 */
export function intersection(
  ignored: readonly IgnoredEntry[],
  matching: readonly IgnoredEntry[],
): IgnoredEntry[] {
  const found = matching.flatMap((match) =>
    ignored.some((entry) => isAtOrBelow(match, entry))
      ? [match]
      : ignored.filter((entry) => isAtOrBelow(entry, match)),
  );
  return outermost(found).filter((entry) => entry !== '.worktreeinclude' && entry !== '.coppice/');
}

/**
 * Without entries that are in another one.
 *
 * @internal Exported for its test, which passes entries.
 */
export function outermost(entries: readonly IgnoredEntry[]): IgnoredEntry[] {
  const sorted = [...new Set(entries)].sort();
  const kept: IgnoredEntry[] = [];
  for (const entry of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !isAtOrBelow(entry, last)) kept.push(entry);
  }
  return kept;
}

function isAtOrBelow(entry: IgnoredEntry, other: IgnoredEntry): boolean {
  return entry === other || (other.endsWith('/') && entry.startsWith(other));
}

function isIn(entry: IgnoredEntry, name: string): boolean {
  return `/${entry}`.includes(`/${name}/`);
}

/** The first file of variables that is ignored: most people want it in a new worktree. */
export function variablesFile(ignored: readonly IgnoredEntry[]): IgnoredEntry | undefined {
  return ignored
    .filter((entry) => /^\.env(\.[\w.-]+)?$/.test(basename(entry)) && !entry.endsWith('/'))
    .filter((entry) => !filledByManagers.some((name) => isIn(entry, name)))
    .sort((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b))[0];
}
