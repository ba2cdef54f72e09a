import { setTimeout as timeout } from 'node:timers/promises';
import { CoppiceError } from './errors.ts';

/** Waits, or throws COPPICE_INTERRUPTED as soon as the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await timeout(milliseconds, undefined, { signal });
  } catch (cause) {
    throw new CoppiceError('COPPICE_INTERRUPTED', 'interrupted while waiting', { cause });
  }
}
