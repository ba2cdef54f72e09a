import type { GridPosition, Panel, RowTitle } from './model.ts';
import type { PlacedPanel } from './panels.ts';

/** Panels under a title. */
export interface Section {
  readonly title: string;
  readonly panels: readonly PlacedPanel[];
}

const columns = 24;

/** Gives every panel its number and its place: from left to right, and a new line where one does not fit. */
export function layOut(sections: readonly Section[]): (Panel | RowTitle)[] {
  const placed: (Panel | RowTitle)[] = [];
  let y = 0;
  for (const { title, panels } of sections) {
    placed.push(rowTitle(title, placed.length + 1, y));
    y += 1;
    for (const line of lines(panels)) {
      placed.push(...placeLine(line, y, placed.length + 1));
      y += Math.max(...line.map(({ height }) => height));
    }
  }
  return placed;
}

function rowTitle(title: string, id: number, y: number): RowTitle {
  return { type: 'row', id, title, collapsed: false, gridPos: { h: 1, w: columns, x: 0, y }, panels: [] };
}

/** The panels of each line. */
function lines(panels: readonly PlacedPanel[]): PlacedPanel[][] {
  const all: PlacedPanel[][] = [];
  let free = 0;
  for (const panel of panels) {
    if (panel.width > free) {
      all.push([]);
      free = columns;
    }
    all.at(-1)?.push(panel);
    free -= panel.width;
  }
  return all;
}

function placeLine(line: readonly PlacedPanel[], y: number, firstId: number): Panel[] {
  let x = 0;
  return line.map(({ width, height, ...panel }, at) => {
    const gridPos: GridPosition = { h: height, w: width, x, y };
    x += width;
    return { ...panel, id: firstId + at, gridPos };
  });
}
