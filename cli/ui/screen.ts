import type { Row, RowStatus, Screen } from '../../app/screen.ts';
import { defined } from '../../core/defined.ts';
import type { Task } from '../../core/progress.ts';
import { type Colors, liveFrame, plainLines, runningLines } from './rows.ts';

export interface Output {
  write(text: string): void;
}

/** Keeps the rows; subclasses render each change. */
abstract class RowScreen implements Screen {
  readonly #rows = new Map<string, Row>();
  #sequence = 0;

  start(label: string): Task {
    const id = `task ${this.#sequence++}`;
    const began = performance.now();
    this.#set({ id, label, status: 'running', began, depth: 0 });
    const end = (status: RowStatus, detail: string | undefined) =>
      this.#set({
        id,
        label,
        status,
        began,
        ended: performance.now(),
        depth: 0,
        ...defined({ detail }),
      });
    return {
      update: (detail) => this.#set({ id, label, status: 'running', detail, began, depth: 0 }),
      done: (detail) => end('done', detail),
      fail: (reason?: string) => end('failed', reason),
    };
  }

  steps(source: string, rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(`${source} ${row.id}`, { ...row, id: `${source} ${row.id}` });
    this.changed();
  }

  #set(row: Row): void {
    this.#rows.set(row.id, row);
    this.changed();
  }

  protected get rows(): Row[] {
    return [...this.#rows.values()];
  }

  abstract note(text: string): void;
  abstract close(): void;
  protected abstract changed(): void;
}

/** Lines one after the other, for logs, pipes and agents. */
export class PlainScreen extends RowScreen {
  #shown = new Map<string, RowStatus>();
  #timer: NodeJS.Timeout | undefined;
  readonly #output: Output;
  readonly #remindMs: number | undefined;

  /** `remindMs`: milliseconds between two lines about what is still running, and for how long. */
  constructor(output: Output, { remindMs }: { readonly remindMs?: number } = {}) {
    super();
    this.#output = output;
    this.#remindMs = remindMs;
  }

  note(text: string): void {
    this.#output.write(`${text}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  protected changed(): void {
    if (this.#remindMs !== undefined)
      this.#timer ??= setInterval(() => this.#remind(), this.#remindMs).unref();
    this.#write(plainLines(this.#shown, this.rows));
    this.#shown = new Map(this.rows.map((row) => [row.id, row.status]));
  }

  #remind(): void {
    this.#write(runningLines(this.rows, performance.now()));
  }

  #write(lines: readonly string[]): void {
    for (const line of lines) this.#output.write(`${line}\n`);
  }
}

/** Redraws a block of lines in place, as `log-update` does. */
export interface Redraw {
  (frame: string): void;
  clear(): void;
  done(): void;
  persist(text: string): void;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A block of lines that is drawn again ten times a second while something runs. */
export class TerminalScreen extends RowScreen {
  readonly #redraw: Redraw;
  readonly #size: () => TerminalSize;
  readonly #colors: Colors;
  #timer: NodeJS.Timeout | undefined;

  constructor(redraw: Redraw, size: () => TerminalSize, colors: Colors) {
    super();
    this.#redraw = redraw;
    this.#size = size;
    this.#colors = colors;
  }

  note(text: string): void {
    this.#redraw.persist(text);
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.rows.length === 0) return;
    this.#draw();
    this.#redraw.done();
  }

  protected changed(): void {
    this.#timer ??= setInterval(() => this.#draw(), 100).unref();
    this.#draw();
  }

  #draw(): void {
    if (this.rows.length === 0) return;
    const { columns, rows } = this.#size();
    this.#redraw(
      liveFrame(this.rows, {
        now: performance.now(),
        width: columns - 1,
        height: rows - 2,
        colors: this.#colors,
      }),
    );
  }
}

/** Shows nothing, for `--json` and `--quiet`. */
export class SilentScreen implements Screen {
  start(): Task {
    return { update() {}, done() {}, fail() {} };
  }
  note(): void {}
  steps(): void {}
  close(): void {}
}
