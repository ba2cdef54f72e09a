/** One measured part of a run. */
export interface Phase {
  readonly phase: string;
  readonly milliseconds: number;
}

/** Measures every part of every run; `--timings` and `--json` show it. */
export class Phases {
  readonly #done: Phase[];
  readonly #clock: () => number;
  readonly #began: number;

  /** `earlier` are phases that another process measured before this one began, as `name=milliseconds,…`. */
  constructor(earlier = '', clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#began = clock();
    this.#done = earlier.split(',').flatMap((entry) => {
      const [phase, milliseconds] = entry.split('=');
      return phase && Number.isFinite(Number(milliseconds)) && milliseconds
        ? [{ phase, milliseconds: Number(milliseconds) }]
        : [];
    });
  }

  async measure<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const began = this.#clock();
    try {
      return await work();
    } finally {
      this.add(phase, this.#clock() - began);
    }
  }

  add(phase: string, milliseconds: number): void {
    this.#done.push({ phase, milliseconds: Math.round(milliseconds) });
  }

  get list(): readonly Phase[] {
    return this.#done;
  }

  /** Milliseconds since this process began to measure. */
  get total(): number {
    return Math.round(this.#clock() - this.#began);
  }
}
