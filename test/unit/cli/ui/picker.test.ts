import { describe, expect, test } from 'vitest';
import type { Choice } from '../../../../app/worktrees/switch/choices.ts';
import { matching } from '../../../../cli/ui/picker.ts';
import { type PickerView, pickerFrame } from '../../../../cli/ui/picker-frame.ts';
import { terminalColors } from '../../../../cli/ui/terminal.ts';

const choice = (name: string): Choice => ({
  name,
  worktree: { path: `/w/${name}`, main: false, bare: false, branch: name },
  subject: `About ${name}`,
});
const view = (names: readonly string[], more: Partial<PickerView> = {}): PickerView => ({
  found: names.map(choice),
  total: names.length,
  active: 0,
  stateOf: () => undefined,
  preview: undefined,
  current: undefined,
  ...more,
});
const plain = terminalColors(false);
const frame = (what: PickerView, size = { columns: 80, rows: 24 }) =>
  pickerFrame(what, size, plain).split('\n');

describe('the list', () => {
  test('marks the one that Enter takes, and says which one a person is in', () => {
    const lines = frame(view(['a', 'b'], { active: 1, current: '/w/a' }));
    expect(lines[0]).toBe('   a  (here)  About a');
    expect(lines[1]).toBe('>  b  About b');
  });

  test('shows state and reasons, commits, and the first changed files', () => {
    const changes = Array.from({ length: 12 }, (_, at) => ` M file${at}`);
    const lines = frame(
      view(['a'], {
        stateOf: () => ({ state: 'failing', reasons: ['web crashes'] }),
        preview: { commits: ['a1b2c3d 2 days ago  Fix'], changes },
      }),
      { columns: 80, rows: 60 },
    );
    expect(lines).toContain('failing:');
    expect(lines).toContain('  web crashes');
    expect(lines).toContain('  a1b2c3d 2 days ago  Fix');
    expect(lines).toContain(' M file7');
    expect(lines.at(-1)).toBe('   and 4 more');
  });

  test.each([0, 3, 250, 499])('of 500 keeps number %i visible and fits into the terminal', (active) => {
    const names = Array.from({ length: 500 }, (_, at) => `branch-${at}-${'x'.repeat(100)}`);
    const lines = frame(view(names, { active }), { columns: 40, rows: 12 });
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
    expect(lines.filter((line) => line.startsWith('>'))).toEqual([
      expect.stringContaining(`branch-${active}-`),
    ]);
  });

  test('says so where nothing matches', () => {
    expect(frame(view([], { total: 3 }))[0]).toContain('nothing matches');
    expect(frame(view([]))[0]).toContain('no worktree');
  });
});

test('letters match in their order, the best first; without any, all are there in their own', () => {
  const all = ['main', 'feat/login', 'fix/logout'].map(choice);
  expect(matching(all, 'flog').map(({ name }) => name)).toEqual(
    expect.arrayContaining(['feat/login', 'fix/logout']),
  );
  expect(matching(all, 'login')[0]?.name).toBe('feat/login');
  expect(matching(all, 'zzz')).toEqual([]);
  expect(matching(all, ' ')).toEqual(all);
});
