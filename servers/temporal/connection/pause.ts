import { setTimeout } from 'node:timers/promises';
import { interrupted } from './grpc-error.ts';

/** Waits, or throws COPPICE_INTERRUPTED as soon as the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) throw interrupted(signal);
}
