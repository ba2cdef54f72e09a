import type { Row, RowStatus } from '../../app/screen.ts';
import { duration } from '../../core/text/duration.ts';

export interface Colors {
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const marks = { running: '·', done: '✓', failed: '✗' } as const;

/** One row as a terminal shows it, cut to the width so that a frame never wraps. */
function liveLine(row: Row, now: number, width: number, colors: Colors): string {
  const mark = marks[row.status];
  const painted =
    row.status === 'done' ? colors.green(mark) : row.status === 'failed' ? colors.red(mark) : mark;
  const indent = '  '.repeat(row.depth);
  const time = duration((row.ended ?? now) - row.began);
  const room = Math.max(10, width - indent.length - 2 - time.length - 2);
  const text = textOf(row);
  const cut = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  return `${indent}${painted} ${cut}  ${colors.dim(time)}`;
}

/** A terminal's frame: everything that runs, then as much of what has ended as fits, in the order of their start. */
export function liveFrame(
  rows: readonly Row[],
  view: { readonly now: number; readonly width: number; readonly height: number; readonly colors: Colors },
): string {
  const ended = rows.filter((row) => row.status !== 'running');
  const hidden = Math.max(0, rows.length - Math.max(3, view.height));
  const left = new Set(ended.slice(0, hidden).map((row) => row.id));
  return rows
    .filter((row) => !left.has(row.id))
    .map((row) => liveLine(row, view.now, view.width, view.colors))
    .join('\n');
}

/** Lines for a log: each row once when it starts to take long, and once when it ends. */
export function plainLines(before: ReadonlyMap<string, RowStatus>, rows: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    if (before.get(row.id) === row.status) return [];
    const indent = '  '.repeat(row.depth);
    const text = textOf(row);
    if (row.status === 'running') return row.depth === 0 ? [`${text} ...`] : [];
    const word = row.status === 'failed' ? 'FAILED ' : '';
    return [`${indent}${word}${text} (${duration((row.ended ?? row.began) - row.began)})`];
  });
}

/** Parts of a task in one reminder: an engine works on twenty resources at once. */
const mostParts = 3;

/** Lines for a log: what is still running, and for how long. */
export function runningLines(rows: readonly Row[], now: number): string[] {
  const running = rows.filter(({ status }) => status === 'running');
  const parts = running.filter(({ depth }) => depth > 0);
  const left = new Set(parts.length > mostParts + 1 ? parts.slice(mostParts) : []);
  const lines = running
    .filter((row) => !left.has(row))
    .map((row) => `${'  '.repeat(row.depth)}${textOf(row)} ... ${duration(now - row.began)}`);
  return left.size === 0 ? lines : [...lines, `  and ${left.size} more`];
}

function textOf({ label, detail }: Row): string {
  return detail ? `${label}: ${detail}` : label;
}
