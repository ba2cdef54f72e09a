import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { expands, shellTokens } from '../../../../app/init/shell-words.ts';

const env = { PATH: process.env.PATH, HOME: '/home/x', A: '1' };
const printed = (words: string) =>
  execFileSync('sh', ['-c', `printf '<%s>' ${words}`], { env, encoding: 'utf8' });

describe('the words of a command line', () => {
  test.each<[string, string[]]>([
    ['next dev', ['next', 'dev']],
    ["A='--b=4096 --c' next  dev", ["A='--b=4096 --c'", 'next', 'dev']],
    ['A="b c" x', ['A="b c"', 'x']],
    [`node -e "it's && ok" 'say "no"; $x'`, ['node', '-e', `"it's && ok"`, `'say "no"; $x'`]],
    [String.raw`a\ b "c \" d" \'e`, [String.raw`a\ b`, String.raw`"c \" d"`, String.raw`\'e`]],
    [`x"y z"'1 2'$A end`, [`x"y z"'1 2'$A`, 'end']],
    ['"$(printf "%s" "a b") c" d', ['"$(printf "%s" "a b") c"', 'd']],
    [`"$(printf '%s' ')' ; (echo x)) y" z`, [`"$(printf '%s' ')' ; (echo x)) y"`, 'z']],
    ['${A:-"b }"}x y', ['${A:-"b }"}x', 'y']],
    ['"`echo a b`" c', ['"`echo a b`"', 'c']],
    ['a$ b', ['a$', 'b']],
    ['"" x', ['""', 'x']],
    ['a \\\n b', ['a', 'b']],
  ])('%s', (line, words) => {
    expect(shellTokens(line)?.map(({ text }) => text)).toEqual(words);
    // The shell reads them as it reads the line.
    expect(words.map(printed).join('')).toBe(printed(line));
  });

  test.each<[string, string[]]>([
    ['a&&b', ['&&']],
    ['a || b; c & d | e', ['||', ';', '&', '|']],
    ['(a) > b 2>&1', ['(', ')', '>', '>&']],
    ['a "&&" \'|\' \\;', []],
  ])('%s: what stands between them', (line, operators) => {
    const found = shellTokens(line)?.filter(({ kind }) => kind === 'operator');
    expect(found?.map(({ text }) => text)).toEqual(operators);
  });

  test.each(["a 'b", 'a "b', 'a "$(b" c', 'a `b', 'a ${b', 'a $(b'])('%s has no end', (line) => {
    expect(shellTokens(line)).toBeUndefined();
  });

  test.each([
    ['$A', true],
    ['"a $A"', true],
    ["'$A'", false],
    [String.raw`\$A`, false],
    [String.raw`"\$A"`, false],
    ['`a`', true],
    [`'a'"b"$A`, true],
  ])('%s: expanded is %s', (word, expected) => {
    expect(expands(word)).toBe(expected);
  });
});
