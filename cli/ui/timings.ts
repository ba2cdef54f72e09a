import type { Phase } from '../../core/phases.ts';
import { duration } from '../../core/text/duration.ts';
import { table } from './table.ts';

/** Phases with their durations, one a line, and the sum of the run. */
export function timingsText(phases: { readonly list: readonly Phase[]; readonly total: number }): string {
  const rows = phases.list.map(({ phase, milliseconds }) => [phase, duration(milliseconds)]);
  return table([...rows, ['total', duration(phases.total)]], '  ');
}

/** The same on one line, without phases too short to notice. */
export function phasesLine(phases: { readonly list: readonly Phase[] }): string {
  const noticeable = phases.list.filter(({ milliseconds }) => milliseconds >= 10);
  return noticeable.map(({ phase, milliseconds }) => `${phase} ${duration(milliseconds)}`).join(', ');
}
