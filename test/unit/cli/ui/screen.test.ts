import { describe, expect, test } from 'vitest';
import type { Row } from '../../../../app/screen.ts';
import { type Colors, liveFrame, plainLines } from '../../../../cli/ui/rows.ts';
import { PlainScreen } from '../../../../cli/ui/screen.ts';
import { table } from '../../../../cli/ui/table.ts';
import { age, duration } from '../../../../core/text/duration.ts';

const plain = (text: string) => text;
const colors: Colors = { green: plain, red: plain, dim: plain, bold: plain };
const row = (label: string, more: Partial<Row> = {}): Row => ({
  id: label,
  label,
  status: 'running',
  began: 0,
  depth: 0,
  ...more,
});
const frame = (rows: Row[], view: { width?: number; height?: number } = {}) =>
  liveFrame(rows, { now: 1500, width: 60, height: 20, colors, ...view });

describe('the frame of a terminal', () => {
  test('shows running tasks with the time so far, and ended ones with the time they took', () => {
    expect(
      frame([row('cluster', { status: 'done', ended: 900 }), row('platform', { detail: 'traefik' })]),
    ).toBe('✓ cluster  900 ms\n· platform: traefik  1.5 s');
  });

  test('shows steps below their task, and why one failed', () => {
    const failed = row('deployment web', { depth: 1, status: 'failed', detail: 'quota', ended: 10 });
    expect(frame([failed])).toBe('  ✗ deployment web: quota  10 ms');
  });

  test('never has a line wider than the terminal', () => {
    const lines = frame([row('x'.repeat(200)), row('y', { detail: 'z'.repeat(200), depth: 1 })], {
      width: 40,
    }).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  test('drops the oldest ended tasks when the terminal is too low, never running ones', () => {
    const rows = [
      ...Array.from({ length: 10 }, (_, at) => row(`done ${at}`, { status: 'done', ended: 1 })),
      row('still running'),
    ];
    const shown = frame(rows, { height: 4 });
    expect(shown.split('\n')).toHaveLength(4);
    expect(shown).toContain('still running');
    expect(shown).not.toContain('done 6');
    expect(shown).toContain('done 9');
  });
});

describe('plain lines', () => {
  test('show a task when it begins and when it ends, a step when it ends, and nothing twice', () => {
    const written: string[] = [];
    const screen = new PlainScreen({ write: (text) => written.push(text) });
    const task = screen.start('cluster');
    task.update('control plane');
    screen.steps('up', [row('deployment web', { depth: 1 })]);
    screen.steps('up', [row('deployment web', { depth: 1, status: 'done', detail: 'created', ended: 40 })]);
    screen.steps('up', [row('deployment web', { depth: 1, status: 'done', detail: 'created', ended: 40 })]);
    task.done();
    expect(written.map((line) => line.replace(/\(\d+ ms\)/, '(time)'))).toEqual([
      'cluster ...\n',
      '  deployment web: created (time)\n',
      'cluster (time)\n',
    ]);
  });

  test('mark what failed', () => {
    expect(plainLines(new Map(), [row('node', { status: 'failed', detail: 'no disk', ended: 5 })])).toEqual([
      'FAILED node: no disk (5 ms)',
    ]);
  });
});

test.each([
  [0, '0 ms'],
  [994, '994 ms'],
  [999, '1.0 s'],
  [59_900, '59.9 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_860_000, '2 h 11 min'],
])('%i milliseconds are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([
  [500, '1 s'],
  [-20, '0 s'],
  [300_000, '5 min'],
  [7_200_000, '2 h'],
  [864_000_000, '10 d'],
])('an age of %i milliseconds is %s', (milliseconds, text) => {
  expect(age(milliseconds)).toBe(text);
});

test('a table has columns of one width and no blanks at the end of a line', () => {
  expect(
    table(
      [
        ['a', 'bb', ''],
        ['ccc', 'd', 'e'],
      ],
      '  ',
    ),
  ).toBe('  a    bb\n  ccc  d   e');
});
