import { Attribute } from '../../../../core/telemetry.ts';
import type { Asker } from '../../../../servers/telemetry/reach.ts';

/** A log store with an error line of `api` at each of these times; it obeys the period alone. */
export function storeOf(times: readonly Date[]): Asker {
  const lines: Asker['lines'] = async (_path, { start, end, query } = {}) => {
    const from = Date.parse(String(start));
    const to = Date.parse(String(end));
    const found = times.filter((time) => time.getTime() >= from && time.getTime() <= to);
    if (found.length === 0) return [];
    const text = String(query);
    const line = { _msg: 'boom', [Attribute.service]: 'api', severity_number: '17' };
    if (text.includes('uniq by')) return [line];
    if (text.includes('row_max')) {
      const time = found[0]?.toISOString();
      return [
        {
          ...line,
          n: String(found.length),
          first: time,
          last: time,
          pattern: 'boom',
          example: '{"_msg":"boom"}',
        },
      ];
    }
    if (text.includes('count()')) return [{ severity_number: '17', n: String(found.length) }];
    return found.map((time) => ({ ...line, _time: time.toISOString() }));
  };
  const unasked = () => Promise.reject(new Error('only lines are asked for'));
  return { lines, text: unasked, json: unasked };
}

export const noLines = storeOf([]);
