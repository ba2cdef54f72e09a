import { CoppiceError } from './errors.ts';

/** Waits; throws COPPICE_INTERRUPTED as soon as the signal is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interruptedError(signal));
    const end = () => {
      signal?.removeEventListener('abort', interrupt);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    const interrupt = () => {
      clearTimeout(timer);
      reject(interruptedError(signal));
    };
    signal?.addEventListener('abort', interrupt, { once: true });
  });
}

export function interruptedError(signal: AbortSignal | undefined): CoppiceError {
  return new CoppiceError('COPPICE_INTERRUPTED', 'interrupted', { cause: signal?.reason });
}
