import type { Check } from '../core/check.ts';
import type { Leftover } from '../core/sweep.ts';
import { leftoverText } from '../core/text/sweep.ts';

export const sweepCommand = 'wt doctor --fix';

export function leftoverCheck(leftover: Leftover): Check {
  return { name: 'leftover', ok: false, detail: leftoverText(leftover), fix: sweepCommand };
}

/** `witnesses`: what could not be queried, `stacks or cluster`. */
export function unknownEnvironmentsCheck(witnesses: string): Check {
  const detail = `not looked for: ${witnesses} could not be asked which environments there are`;
  return { name: 'leftovers', ok: true, detail };
}
