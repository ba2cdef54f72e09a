import { createLogUpdate } from 'log-update';

/** Milliseconds between two frames: answers come faster than anybody reads. */
const FRAME_MS = 60;

/** A block of lines in a terminal that is drawn again in place, as tall as the terminal at most. */
export class LiveLines {
  readonly #redraw: ReturnType<typeof createLogUpdate>;
  readonly #rows: () => number;
  #next: (() => readonly string[]) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#redraw = createLogUpdate(stream);
    this.#rows = () => stream.rows || 24;
  }

  /** The first at once. */
  show(lines: () => readonly string[]): void {
    this.#next = lines;
    if (this.#timer !== undefined) return;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  /** Removes the block, for who prints the whole. */
  close(): void {
    clearInterval(this.#timer);
    this.#redraw.clear();
  }

  #draw(): void {
    if (this.#next === undefined) return;
    const lines = this.#next();
    this.#next = undefined;
    this.#redraw(lines.slice(0, Math.max(1, this.#rows() - 1)).join('\n'));
  }
}
