import type { Phase } from '../phases.ts';
import { duration } from './duration.ts';
import { table } from './table.ts';

/** Phases with their durations, one a line, and the sum of the run. */
export function timingsText(phases: { readonly list: readonly Phase[]; readonly total: number }): string {
  const rows = phases.list.map(({ phase, milliseconds }) => [phase, duration(milliseconds)]);
  return table([...rows, ['in all', duration(phases.total)]], '  ');
}
