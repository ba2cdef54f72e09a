import type { Progress } from '../core/progress.ts';

export type RowStatus = 'running' | 'done' | 'failed';

/** One line of progress: a task of ours, or a step of the engine. */
export interface Row {
  readonly id: string;
  /** For people: `deployment web`. */
  readonly label: string;
  readonly status: RowStatus;
  /** Its current step, its result, or why it failed. */
  readonly detail?: string;
  /** Milliseconds of the same clock as `ended` and `now`. */
  readonly began: number;
  readonly ended?: number;
  /** 0 for a task, 1 for a step below it. */
  readonly depth: number;
}

/** Shows progress: our own tasks, and below them the engine's steps. */
export interface Screen extends Progress {
  /** Replaces the rows of one source (the engine). */
  steps(source: string, rows: readonly Row[]): void;
  /** Leaves the last frame and restores the terminal. */
  close(): void;
}

/** Shows a task while `work` runs. */
export async function withTask<T>(
  screen: Progress,
  label: string,
  work: (progress: (text: string) => void) => Promise<T>,
): Promise<T> {
  const task = screen.start(label);
  try {
    const result = await work((text) => task.update(text));
    task.done();
    return result;
  } catch (error) {
    task.fail();
    throw error;
  }
}
