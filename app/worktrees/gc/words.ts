import { counted } from '../../../core/text/counted.ts';

/** Milliseconds in whole words: `9 days`, `3 hours`, `12 minutes`. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  if (minutes < 120) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** The day of a time in UTC: `2026-11-20`. */
export function day(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'an impossible time' : date.toISOString().slice(0, 10);
}
