/** How long-running work reports its progress. The CLI draws it; tests record it. */
export interface Progress {
  /** Starts a task that is shown until `done` or `fail`; tasks may overlap. */
  start(task: string): Task;
  /** A sentence worth keeping on the screen. */
  note(text: string): void;
}

export interface Task {
  /** The current step, for example `compiling, 3 of 7`. Elapsed time is added by the display. */
  update(detail: string): void;
  done(detail?: string): void;
  fail(reason?: string): void;
}

/** Shows nothing. */
export const silent: Progress = {
  start: () => ({ update() {}, done() {}, fail() {} }),
  note() {},
};
