import { stripVTControlCharacters } from 'node:util';
import type { Choice, ChoiceState, Preview } from '../../app/worktrees/switch/choices.ts';
import type { Colors } from './rows.ts';

/** What the list shows at one moment. */
export interface PickerView {
  /** Those that match, in order. */
  readonly found: readonly Choice[];
  /** How many there are in all. */
  readonly total: number;
  /** Index in `found` of the one that Enter takes. */
  readonly active: number;
  readonly stateOf: (choice: Choice) => ChoiceState | undefined;
  /** Of the active one; undefined while it is read. */
  readonly preview: Preview | undefined;
  /** Path of the worktree that the command was run in. */
  readonly current: string | undefined;
}

export interface PickerSize {
  readonly columns: number;
  readonly rows: number;
}

const LEAST_ROWS = 3;

/** The lines below the one in which a person types; none is wider than the terminal, and all fit into it. */
export function pickerFrame(view: PickerView, size: PickerSize, colors: Colors): string {
  const preview = previewLines(view, colors);
  // The line above, and one that stays free for the cursor.
  const room = Math.max(LEAST_ROWS, size.rows - 2);
  const listed = Math.max(
    LEAST_ROWS,
    Math.min(view.found.length, room - Math.min(preview.length + 1, Math.floor(room / 2))),
  );
  const lines = [...listLines(view, listed, colors), ...(preview.length > 0 ? ['', ...preview] : [])];
  return lines
    .slice(0, room)
    .map((line) => cut(line, size.columns - 1))
    .join('\n');
}

/** A window of the list in which the active one is always visible. */
function listLines(view: PickerView, height: number, { bold, dim }: Colors): string[] {
  const { found, active, total } = view;
  if (found.length === 0) return [dim(total === 0 ? '  there is no worktree' : '  nothing matches')];
  const begin = Math.max(0, Math.min(active - Math.floor(height / 2), found.length - height));
  const shown = found.slice(begin, begin + height);
  const width = Math.min(40, Math.max(...shown.map(({ name }) => name.length)));
  return shown.map((choice, index) => {
    const isActive = begin + index === active;
    const name = choice.name.padEnd(width);
    return [
      isActive ? '>' : ' ',
      isActive ? bold(name) : name,
      ...(choice.worktree === undefined ? [dim('no worktree')] : stateWords(choice, view)),
      ...(choice.subject === undefined ? [] : [dim(choice.subject)]),
    ].join('  ');
  });
}

function stateWords(choice: Choice, { stateOf, current }: PickerView): string[] {
  const state = stateOf(choice)?.state;
  return [...(choice.worktree?.path === current ? ['(here)'] : []), ...(state === undefined ? [] : [state])];
}

function previewLines({ found, active, stateOf, preview }: PickerView, { dim }: Colors): string[] {
  const choice = found[active];
  if (choice === undefined) return [];
  const state = stateOf(choice);
  return [
    dim(choice.worktree?.path ?? 'no worktree yet'),
    ...(state === undefined ? [] : [`${state.state}${state.reasons.length > 0 ? ':' : ''}`]),
    ...(state?.reasons ?? []).slice(0, 3).map((reason) => `  ${reason}`),
    ...(preview === undefined ? [dim('…')] : preview.commits.map((line) => `  ${line}`)),
    ...changeLines(preview?.changes ?? []),
  ];
}

const CHANGES_SHOWN = 8;

function changeLines(changes: readonly string[]): string[] {
  const more = changes.length - CHANGES_SHOWN;
  return [...changes.slice(0, CHANGES_SHOWN), ...(more > 0 ? [`   and ${more} more`] : [])];
}

/** Colours are dropped where a line is cut: half a sequence would colour the rest of the screen. */
function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= width ? line : `${plain.slice(0, Math.max(0, width - 1))}…`;
}
