import type { Progress } from '../core/progress.ts';

export type RowStatus = 'running' | 'done' | 'failed';

/** One line of what is going on: a task of ours, or a step of the engine. */
export interface Row {
  readonly id: string;
  /** What, in people's words: `deployment web`. */
  readonly label: string;
  readonly status: RowStatus;
  /** What it does right now, what it came to, or why it failed. */
  readonly detail?: string;
  /** Milliseconds of the same clock as `ended` and `now`. */
  readonly began: number;
  readonly ended?: number;
  /** 0 for a task, 1 for a step below it. */
  readonly depth: number;
}

/** Shows what is going on: our own tasks, and below them the steps of the engine. */
export interface Screen extends Progress {
  /** Replaces the rows of one source (the engine). */
  steps(source: string, rows: readonly Row[]): void;
  /** Leaves what was shown last and gives the terminal back. */
  close(): void;
}

/** Shows a task while `work` runs. */
export async function shown<T>(
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
    task.fail('failed');
    throw error;
  }
}
