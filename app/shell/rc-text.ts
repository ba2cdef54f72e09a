/** At the end of the one line in a shell's file: how it is found again, and what a reader of the file needs to know. */
const marker = '# wt: `wt shell uninstall` removes this line';
/** Says besides that there was no file before. */
const createdMarker = `${marker} and this file`;

/** A shell's file with the one line in it, as its last; the same text where it is there already. */
export function withLine(text: string | undefined, line: string): string {
  if (text === undefined) return `${line} ${createdMarker}\n`;
  const lines = text.split('\n');
  const at = lines.findIndex(isOurs);
  if (at >= 0) {
    const kept = lines[at]?.trimEnd().endsWith(createdMarker) ? createdMarker : marker;
    return lines.map((old, index) => (index === at ? `${line} ${kept}` : old)).join('\n');
  }
  // A file without a last line break stays one: then the line is taken out together with the break before it.
  return text === '' || text.endsWith('\n') ? `${text}${line} ${marker}\n` : `${text}\n${line} ${marker}`;
}

/** The file as it was before; undefined where there was none. */
export function withoutLine(text: string): string | undefined {
  const lines = text.split('\n');
  const rest = lines.filter((line) => !isOurs(line));
  const created = lines.some((line) => isOurs(line) && line.trimEnd().endsWith(createdMarker));
  const left = rest.join('\n');
  return created && left === '' ? undefined : left;
}

function isOurs(line: string): boolean {
  return line.includes(marker);
}

/** A change of lines in the form that `diff -u` prints, with three lines around it; '' without a change. */
export function difference(file: string, before: string | undefined, after: string | undefined): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first += 1;
  let [oldEnd, newEnd] = [old.length, now.length];
  while (oldEnd > first && newEnd > first && old[oldEnd - 1] === now[newEnd - 1]) {
    oldEnd -= 1;
    newEnd -= 1;
  }
  if (oldEnd === first && newEnd === first) return '';
  const begin = Math.max(0, first - 3);
  const shown = (lines: readonly string[], mark: string) => lines.map((line) => `${mark}${line}`);
  const hunk = [
    ...shown(old.slice(begin, first), ' '),
    ...shown(old.slice(first, oldEnd), '-'),
    ...shown(now.slice(first, newEnd), '+'),
    ...shown(old.slice(oldEnd, oldEnd + 3), ' '),
  ];
  const span = (at: number, count: number) => `${count === 0 ? at : at + 1},${count}`;
  const after3 = Math.min(3, old.length - oldEnd);
  const head = `@@ -${span(begin, oldEnd - begin + after3)} +${span(begin, newEnd - begin + after3)} @@`;
  return [
    `--- ${before === undefined ? '/dev/null' : file}`,
    `+++ ${after === undefined ? '/dev/null' : file}`,
    head,
    ...hunk,
  ].join('\n');
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
