import { describe, expect, test } from 'vitest';
import { questionOf } from '../../../../cli/completion/answer.ts';

/** Bash's own. */
const breaks = ' \t\n"\'@><=;|&(:';

const bash = (line: string) => questionOf(['bash', breaks, line]);
const typed = (line: string, word: string) => bash(line).line({ word });

describe('a line of bash', () => {
  test.each([
    ['wt switch fe', ['switch'], 'fe'],
    ['wt  switch ', ['switch'], ''],
    ['wt logs --env "feat a" we', ['logs', '--env', 'feat a'], 'we'],
    ["wt switch 'fe", ['switch'], 'fe'],
    ['wt switch my\\ br', ['switch'], 'my br'],
    ['wt logs --env=fe', ['logs'], '--env=fe'],
    ['wt a "b\\"c" d', ['a', 'b"c'], 'd'],
    ['wt a "" ', ['a', ''], ''],
  ])('%s', (line, words, current) => {
    expect(bash(line)).toMatchObject({ words, current });
  });

  test('only what follows the last word break is replaced', () => {
    expect(typed('wt logs --env=fe', '--env=feat')).toBe('feat');
    expect(typed('wt workflows show order:', 'order:17')).toBe('17');
    expect(typed('wt switch user@', 'user@home')).toBe('home');
  });

  test('what the shell would read is escaped', () => {
    expect(typed('wt switch ', "a'b$c(d)&e;f#g")).toBe("a\\'b\\$c\\(d\\)\\&e\\;f\\#g");
    expect(typed('wt db restore be', 'before import')).toBe('before\\ import');
    expect(typed('wt switch ', 'größe')).toBe('größe');
  });

  test('inside a quote only what ends it is escaped', () => {
    expect(typed('wt db restore "be', 'before $import')).toBe('before \\$import');
    expect(typed("wt db restore 'be", 'before $import')).toBe('before $import');
    expect(typed("wt db restore 'be", "before'import")).toBeUndefined();
  });
});

test('zsh and fish get a meaning after a tab, in one line', () => {
  const zsh = questionOf(['zsh', 'logs', '']);
  expect(zsh).toMatchObject({ words: ['logs'], current: '' });
  expect(zsh.line({ word: 'web', meaning: 'a\nb\tc' })).toBe('web\ta b c');
  expect(zsh.line({ word: 'web' })).toBe('web');
  expect(questionOf(['fish', 'logs', '"fe']).current).toBe('fe');
});
