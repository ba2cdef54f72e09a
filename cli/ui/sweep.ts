import type { SweepResult } from '../../core/sweep.ts';
import { keptText, resolvedText } from '../../core/text/sweep.ts';

/** What a sweep did, a line for each orphan, for people. */
export function sweepLines({ done, kept, problem }: SweepResult): string[] {
  const lines = [...done.map(resolvedText), ...kept.map(keptText)];
  if (problem !== undefined)
    lines.push(`${lines.length === 0 ? 'nothing' : 'not all'} was removed: ${problem}`);
  return lines.length === 0 ? ['there was nothing to remove'] : lines;
}

/** The same as JSON. */
export function sweepDocument({ done, kept, problem }: SweepResult) {
  return {
    done: done.map(resolvedText),
    kept: kept.map(keptText),
    ...(problem !== undefined && { problem }),
  };
}
