import type { PurgedTelemetry } from '../../app/telemetry/purge.ts';

/** Nothing is left that the same command would delete. */
export function isFinished({ left }: PurgedTelemetry): boolean {
  return left.every(({ kind }) => kind === 'expires');
}

/** What was deleted, and what is left and why. `again`: the command that finishes; `title` stands in front of each line. */
export function telemetryLines({ deleted, left }: PurgedTelemetry, again: string, title: string): string[] {
  const late = deleted.includes('metrics') ? '; counters of its last half hour may come once more' : '';
  const gone = deleted.length === 0 ? [] : [`${deleted.join(', ')}: nothing of it is left${late}`];
  const lines = left.map(({ store, kind, why }) =>
    kind === 'expires' ? `${store} stay: ${why}` : `${store} stay: ${why}; \`${again}\` deletes them later`,
  );
  const all = [...gone, ...lines];
  return (all.length === 0 ? ['there was none: the platform has no store'] : all).map(
    (line) => `${title} ${line}`,
  );
}
