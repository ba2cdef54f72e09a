import { CoppiceError } from '../../../../core/errors.ts';
import { counted } from '../../../../core/text/counted.ts';

/** How often the timer runs. */
export interface Schedule {
  readonly every: number;
  readonly unit: 'm' | 'h' | 'd';
}

const names = { m: 'minute', h: 'hour', d: 'day' } as const;
const seconds = { m: 60, h: 3600, d: 86_400 } as const;

/** From `30m`, `1h` or `1d`. Throws COPPICE_USAGE. */
export function scheduleOf(text: string): Schedule {
  const [, number = '', unit] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  const schedule = { every: Number(number), unit: unit as Schedule['unit'] };
  const total = unit === undefined ? 0 : secondsOf(schedule);
  if (total < 300 || total > 31 * 86_400) {
    throw new CoppiceError('COPPICE_USAGE', `--every ${text} is not a time from 5m to 31d`, {
      hint: 'write minutes, hours or days: --every 30m, --every 1h, --every 1d',
    });
  }
  return schedule;
}

export function secondsOf({ every, unit }: Schedule): number {
  return every * seconds[unit];
}

/** `every hour`, `every 30 minutes` */
export function scheduleText({ every, unit }: Schedule): string {
  return every === 1 ? `every ${names[unit]}` : `every ${counted(every, names[unit])}`;
}

/**
 * The five fields of a line for cron, which only knows steps that divide the hour or the day. Throws COPPICE_USAGE for
 * others.
 */
export function cronFields({ every, unit }: Schedule): string {
  if (unit === 'm' && every < 60 && 60 % every === 0) return `*/${every} * * * *`;
  if (unit === 'h' && every === 1) return '17 * * * *';
  if (unit === 'h' && every < 24 && 24 % every === 0) return `17 */${every} * * *`;
  if ((unit === 'd' && every === 1) || (unit === 'h' && every === 24)) return '17 3 * * *';
  if (unit === 'd' && every === 7) return '17 3 * * 1';
  throw new CoppiceError('COPPICE_USAGE', `cron cannot run it ${scheduleText({ every, unit })}`, {
    hint: 'choose what divides an hour or a day: --every 30m, --every 1h, --every 6h, --every 1d, --every 7d',
  });
}
