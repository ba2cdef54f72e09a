import { expect, test } from 'vitest';
import { inOrderOfTime, notesOn } from '../../../../app/environments/logs.ts';

function line(pod: string, time: string | undefined, text: string) {
  return { service: 'web', pod, restarts: 0, text, ...(time === undefined ? {} : { time }) };
}

test('puts the lines of several pods in order of time, each pod in its own order', () => {
  const lines = [
    line('b', '2026-01-02T03:04:07Z', 'third'),
    line('b', undefined, 'third, second part'),
    line('b', '2026-01-02T03:04:09Z', 'fifth'),
    line('a', '2026-01-02T05:04:05+02:00', 'first'),
    line('a', '2026-01-02T05:04:06+02:00', 'second'),
    line('a', '2026-01-02T05:04:08+02:00', 'fourth'),
  ];
  expect(inOrderOfTime(lines).map(({ text }) => text)).toEqual([
    'first',
    'second',
    'third',
    'third, second part',
    'fourth',
    'fifth',
  ]);
});

test('points at what processes that ended had printed, and says when there is nothing', () => {
  const name = { app: 'shop', slug: 'main' };
  const run = (service: string, restarts: number) => ({ service, pod: `${service}-1`, restarts });
  expect(notesOn([run('web', 0), run('api', 2), run('api', 1)], name, {})).toEqual([
    'api restarted 3 times; `wt logs api --previous` shows what it printed before',
  ]);
  expect(notesOn([run('web', 1)], name, { environment: 'feat/b' })).toEqual([
    'web restarted once; `wt logs web --env feat/b --previous` shows what it printed before',
  ]);
  expect(notesOn([], name, { as: 'demo' })).toEqual([
    'shop/main: no process has begun there; `wt status --as demo` says why',
  ]);
});
