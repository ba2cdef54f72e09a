import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withLine, withoutLine } from '../../../../app/shell/rc-text.ts';
import { difference } from '../../../../core/text/difference.ts';

const line = 'if [ -r "$HOME/x" ]; then . "$HOME/x"; fi';

describe('the line in a shell file', () => {
  test('comes last, and says how it is removed', () => {
    expect(withLine('a\n', line)).toMatch(/^a\nif .*; fi # wt: `wt shell uninstall` removes this line\n$/);
  });

  test('is written once, and brought up to date in its place', () => {
    const once = withLine('a\n', line);
    expect(withLine(once, line)).toBe(once);
    const later = withLine(`${once}b\n`, 'other');
    expect(later).toMatch(/^a\nother # wt: .*\nb\n$/);
  });

  test('goes without a trace from any file', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '', '\r', ' ', '# wt')), fc.boolean(), (lines, ended) => {
        const text = lines.join('\n') + (ended ? '\n' : '');
        expect(withoutLine(withLine(text, line))).toBe(text);
      }),
    );
  });

  test('takes a file along that was created for it, unless somebody wrote into it', () => {
    const created = withLine(undefined, line);
    expect(withoutLine(created)).toBeUndefined();
    expect(withoutLine(withLine(created, 'other'))).toBeUndefined();
    expect(withoutLine(`${created}alias a=b\n`)).toBe('alias a=b\n');
    expect(withoutLine(withLine('', line))).toBe('');
  });

  test('leaves a file as it is where it does not stand', () => {
    expect(withoutLine('a\nb')).toBe('a\nb');
  });
});

describe('the difference that is shown', () => {
  test('has three lines around what changes', () => {
    expect(difference('/rc', '1\n2\n3\n4\n5\n', '1\n2\n3\n4\n5\nnew\n')).toBe(
      '--- /rc\n+++ /rc\n@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+new',
    );
  });

  test('of a new file begins at nothing', () => {
    expect(difference('/rc', undefined, 'new\n')).toBe('--- /dev/null\n+++ /rc\n@@ -0,0 +1,1 @@\n+new');
  });

  test('is empty without a change', () => {
    expect(difference('/rc', 'a\n', 'a\n')).toBe('');
  });
});
