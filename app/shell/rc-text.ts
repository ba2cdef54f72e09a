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
