import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isUpKey,
  useEffect,
  useKeypress,
  useState,
} from '@inquirer/core';
import fuzzysort from 'fuzzysort';
import type { Choice, ChoiceState, Preview } from '../../app/worktrees/switch/choices.ts';
import { type PickerSize, pickerFrame } from './picker-frame.ts';
import type { Colors } from './rows.ts';

export interface PickerOptions {
  readonly choices: readonly Choice[];
  readonly current: string | undefined;
  readonly previewOf: (choice: Choice) => Promise<Preview>;
  /** Starts to look for the states of environments; each that is known is reported by the path of its worktree. */
  readonly watch: (onState: (worktree: string, state: ChoiceState) => void) => void;
}

export interface PickerTerminal {
  readonly input: NodeJS.ReadStream;
  /** Where the list is drawn: standard error, as standard output may be read by a shell. */
  readonly output: NodeJS.WriteStream;
  readonly colors: Colors;
}

/** `interrupted`: by Ctrl+C; `left`: by Esc. */
export type Picked = Choice | 'left' | 'interrupted';

/** Lets a person choose; the terminal is as it was afterwards. */
export async function pick(
  options: PickerOptions,
  { input, output, colors }: PickerTerminal,
): Promise<Picked> {
  const known: Known = { states: new Map(), previews: new Map(), changed: () => {} };
  options.watch((worktree, state) => {
    known.states.set(worktree, state);
    known.changed();
  });
  const size = () => ({ columns: output.columns || 80, rows: output.rows || 24 });
  try {
    return await prompt({ ...options, known, size, colors }, { input, output, clearPromptOnDone: true });
  } catch (error) {
    // ExitPromptError: Ctrl+C, or the end of input.
    if (error instanceof Error && error.name === 'ExitPromptError') return 'interrupted';
    throw error;
  }
}

/** What the background found out so far. */
interface Known {
  readonly states: Map<string, ChoiceState>;
  readonly previews: Map<string, Preview>;
  changed: () => void;
}

interface PromptOptions extends PickerOptions {
  readonly known: Known;
  readonly size: () => PickerSize;
  readonly colors: Colors;
}

const prompt = createPrompt<Choice | 'left', PromptOptions>((options, done) => {
  const { choices, known, size, colors, current } = options;
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const [, redraw] = useState({});
  known.changed = () => redraw({});

  const found = matching(choices, query);
  const choice = found[Math.min(active, found.length - 1)];
  useEffect(() => {
    if (choice === undefined || known.previews.has(choice.name)) return;
    // Who holds an arrow key does not start a git for each line.
    const timer = setTimeout(async () => {
      known.previews.set(choice.name, await options.previewOf(choice));
      known.changed();
    }, 80);
    return () => clearTimeout(timer);
  }, [choice]);

  useKeypress((key, line) => {
    const page = Math.max(1, Math.floor(size().rows / 2));
    const steps: Readonly<Record<string, number>> = { pageup: -page, pagedown: page, tab: 1 };
    const step = isUpKey(key) ? -1 : isDownKey(key) ? 1 : steps[key.name];
    if (key.name === 'escape') return done('left');
    if (isEnterKey(key) && choice !== undefined) return done(choice);
    if (isEnterKey(key) || key.name === 'tab') {
      // Readline took the line away, or wrote a tab into it.
      line.clearLine(0);
      line.write(query);
    }
    if (step !== undefined) return setActive(moved(active, step, found.length));
    if (line.line === query) return;
    setQuery(line.line);
    setActive(0);
  });

  const view = {
    found,
    total: choices.length,
    active: Math.min(active, Math.max(0, found.length - 1)),
    stateOf: ({ worktree }: Choice) => (worktree === undefined ? undefined : known.states.get(worktree.path)),
    preview: choice === undefined ? undefined : known.previews.get(choice.name),
    current,
  };
  return [`switch to (${found.length} of ${choices.length}): ${query}`, pickerFrame(view, size(), colors)];
});

/**
 * The best first; all in their order while nothing is typed.
 *
 * @internal Exported for its test, which types without a terminal.
 */
export function matching(choices: readonly Choice[], query: string): readonly Choice[] {
  if (query.trim() === '') return choices;
  return fuzzysort.go(query, choices, { key: 'name' }).map(({ obj }) => obj);
}

/** One step around the ends, as lists do; a page stops at them. */
function moved(active: number, step: number, count: number): number {
  if (count === 0) return 0;
  if (Math.abs(step) === 1) return (active + step + count) % count;
  return Math.max(0, Math.min(count - 1, active + step));
}
