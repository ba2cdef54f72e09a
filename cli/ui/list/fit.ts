import { cutTo, padTo, widthOf } from '../../../core/text/width.ts';

export interface Column<Row> {
  readonly title: string;
  /** Narrow terminals keep the columns with the lowest number. */
  readonly priority: number;
  readonly cell: (row: Row) => string;
}

/** Columns of a terminal between two of a table. */
const GAP = 2;

/** Columns of at most this priority are worth more than the end of a long text in the first one. */
const ESSENTIAL = 3;

/**
 * The lines of a table, its titles first. Columns without any text are left out. In a terminal of so many columns those of
 * least priority are left out until a line fits; for the essential ones the first column is cut to half of the terminal.
 * Without a width nothing is.
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width?: number,
): string[] {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map((column) => ({ ...column, width: Math.max(...[column.title, ...column.cells].map(widthOf)) }));
  const shown = width === undefined ? filled : fitting(filled, width);
  const lines = [
    shown.map(({ title }) => title),
    ...rows.map((_, at) => shown.map(({ cells, width: own }) => cutTo(cells[at] ?? '', own))),
  ];
  return lines.map((cells) => {
    const line = cells
      .map((cell, at) => padTo(cell, shown[at]?.width ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd();
    return width === undefined ? line : cutTo(line, width);
  });
}

interface Filled {
  readonly priority: number;
  readonly width: number;
}

function fitting<Of extends Filled>(columns: readonly Of[], width: number): readonly Of[] {
  const whole = without(columns, width, ESSENTIAL);
  const [first, ...others] = whole;
  if (first === undefined || totalOf(whole) <= width) return whole;
  const half = Math.min(first.width, Math.floor(width / 2));
  const shown = without([{ ...first, width: half }, ...others], width, 0);
  const [, ...left] = shown;
  // What the others do not need is the first one's again.
  const room = width - totalOf([{ ...first, width: 0 }, ...left]);
  return [{ ...first, width: Math.min(first.width, room) }, ...left];
}

/** Leaves out columns above a priority, the last ones first, until a line fits. */
function without<Of extends Filled>(columns: readonly Of[], width: number, above: number): readonly Of[] {
  let shown = columns;
  while (totalOf(shown) > width) {
    const least = Math.max(...shown.map(({ priority }) => priority));
    if (least <= above) break;
    shown = shown.filter(({ priority }) => priority !== least);
  }
  return shown;
}

function totalOf(columns: readonly Filled[]): number {
  return columns.reduce((sum, column) => sum + column.width, (columns.length - 1) * GAP);
}
