import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Row } from '../../../../app/screen.ts';
import { PlainScreen, SilentScreen, TerminalScreen } from '../../../../cli/ui/screen.ts';
import { screenFor } from '../../../../cli/ui/terminal.ts';

interface Size {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Standard error with that size, and what was written to it. */
function stream(size: Size) {
  const written: string[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      written.push(String(chunk));
      done();
    },
  });
  return { written, output: Object.assign(output, size) as unknown as NodeJS.WriteStream };
}
const screenOf = (size: Size) => screenFor(stream(size).output, { silent: false, color: false });

describe('the screen that fits', () => {
  test('a terminal', () =>
    expect(screenOf({ isTTY: true, columns: 80, rows: 24 })).toBeInstanceOf(TerminalScreen));

  test('a pipe', () => expect(screenOf({})).toBeInstanceOf(PlainScreen));

  test.each<Size>([
    { columns: 0, rows: 0 },
    { columns: 0, rows: 24 },
    { columns: 80, rows: 0 },
    { columns: undefined, rows: undefined },
  ])('a terminal of $columns columns and $rows rows gets plain lines', (size) => {
    expect(screenOf({ isTTY: true, ...size })).toBeInstanceOf(PlainScreen);
  });

  test('a terminal that cannot move its cursor gets plain lines', () => {
    const { output } = stream({ isTTY: true, columns: 80, rows: 24 });
    expect(screenFor(output, { silent: false, color: false, term: 'dumb' })).toBeInstanceOf(PlainScreen);
  });

  test('--quiet', () => {
    const screen = screenFor(stream({ isTTY: true, columns: 0 }).output, { silent: true, color: false });
    expect(screen).toBeInstanceOf(SilentScreen);
  });
});

describe.each<Size>([{ isTTY: true, columns: 0, rows: 0 }, {}])(
  'a terminal of no columns, or none: %j',
  (size) => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test('shows running tasks, their time and their result, until the screen is closed', () => {
      const { written, output } = stream(size);
      const screen = screenFor(output, { silent: false, color: false });
      const task = screen.start('programs');
      task.update('compiling, 3 of 7');
      vi.advanceTimersByTime(30_000);
      task.done();
      vi.advanceTimersByTime(30_000);
      screen.start('cluster');
      screen.close();
      vi.advanceTimersByTime(30_000);
      expect(written.join('')).toBe(
        [
          'programs ...',
          'programs: compiling, 3 of 7 ... 10.0 s',
          'programs: compiling, 3 of 7 ... 20.0 s',
          'programs: compiling, 3 of 7 ... 30.0 s',
          'programs (30.0 s)',
          'cluster ...',
          '',
        ].join('\n'),
      );
    });

    test('names some of many parts', () => {
      const { written, output } = stream(size);
      const screen = screenFor(output, { silent: false, color: false });
      screen.start('platform');
      const began = performance.now();
      const part = (label: string): Row => ({ id: label, label, status: 'running', began, depth: 1 });
      screen.steps('engine', ['a', 'b', 'c', 'd', 'e'].map(part));
      const before = written.length;
      vi.advanceTimersByTime(10_000);
      const reminder = ['platform', '  a', '  b', '  c'].map((label) => `${label} ... 10.0 s`);
      expect(written.slice(before).join('')).toBe([...reminder, '  and 2 more', ''].join('\n'));
    });

    test('has reminders for half an hour', () => {
      const { written, output } = stream(size);
      screenFor(output, { silent: false, color: false }).start('programs');
      vi.advanceTimersByTime(1_800_000);
      expect(written.at(-1)).toBe('programs ... 30 min 00 s\n');
      expect(written).toHaveLength(181);
    });
  },
);
