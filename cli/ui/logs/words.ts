import { stripVTControlCharacters } from 'node:util';
import { ownPlace } from '../../../core/text/own-place.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import type { LogTotals } from '../../../servers/telemetry/logs.ts';
import type { Level } from '../../../servers/telemetry/severity.ts';
import { figure, many } from '../figures.ts';

/** Three letters a level, as loggers write them. */
export const shortLevel: Readonly<Record<Level, string>> = {
  error: 'ERR',
  warn: 'WRN',
  info: 'INF',
  debug: 'DBG',
  other: '-',
};

/** `2,114 lines: 1,980 info, 121 warn, 13 error`; levels without a line are left out. */
export function totalsLine({ total, byLevel }: LogTotals): string {
  const named: readonly Level[] = ['other', 'debug', 'info', 'warn', 'error'];
  const parts = named.flatMap((level) =>
    byLevel[level] === 0 ? [] : [`${figure(byLevel[level])} ${level}`],
  );
  const lines = many(total, 'line');
  return parts.length === 0 ? lines : `${lines}: ${parts.join(', ')}`;
}

/** `last 15 m`, `last 3 h`: how long a period is that ends now. */
export function periodWords(from: Date, to: Date): string {
  const minutes = Math.max(1, Math.round((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 120) return `last ${minutes} m`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `last ${hours} h`;
  const days = Math.round(hours / 24);
  return days > 30 ? 'all that is kept' : `last ${days} d`;
}

/** Ids are accepted as they are shown. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/**
 * A record in one line: its first line, the app's own place of a stack trace, and how many lines there are more. Cut to
 * so many columns; whole when undefined.
 */
export function oneLine(text: string, columns: number | undefined): string {
  const [first = '', ...rest] = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const where = ownPlace(rest);
  const head = onOneLine(first.trim());
  const shown = columns === undefined ? head : cutBeforePlace(head, columns);
  if (where !== undefined) return `${shown} at ${onOneLine(where)}`;
  return rest.length === 0 ? shown : `${shown} (+${rest.length} lines)`;
}

/** A place of code at its end stays, as that of a stack trace does: it is what people go to. */
function cutBeforePlace(text: string, columns: number): string {
  const place = /( at | \()\/\S+:\d+\)?$/.exec(text)?.[0] ?? '';
  return `${cutTo(text.slice(0, text.length - place.length), columns)}${place}`;
}
