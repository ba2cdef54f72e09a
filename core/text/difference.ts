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
