import { setMaxListeners } from 'node:events';
import { CoppiceError } from './errors.ts';

/** Ctrl+C: the work that is running decides what it means; without a handler the process ends. */
export class Interrupts {
  readonly #handlers: (() => void)[] = [];

  /** The latest handler gets the next Ctrl+C; the returned function removes it. */
  handle(handler: () => void): () => void {
    this.#handlers.push(handler);
    return () => {
      const at = this.#handlers.lastIndexOf(handler);
      if (at >= 0) this.#handlers.splice(at, 1);
    };
  }

  /** True when a handler took care of it. */
  interrupt(): boolean {
    const handler = this.#handlers.at(-1);
    handler?.();
    return handler !== undefined;
  }
}

/** Runs `work` with a signal that Ctrl+C aborts. */
export async function interruptible<T>(
  interrupts: Interrupts,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Each call in flight listens, and ten are not many: Node would warn of a leak on standard error.
  setMaxListeners(0, controller.signal);
  const forget = interrupts.handle(() =>
    controller.abort(new CoppiceError('COPPICE_INTERRUPTED', 'interrupted')),
  );
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
}
