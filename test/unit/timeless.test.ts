import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';

/** A limit for a measured time: `expect(performance.now() - began).toBeLessThan(1000)`. */
const timed = /expect\([^;]*(performance\.now|[mM]illiseconds|elapsed|\btook\b)[^;]*\)\s*\.toBeLess/;

/** Clocks of the test's own, which stand still. */
const fake = /useFakeTimers/;

test('no test fails because the machine is slow: none has a limit for a time that it measured', () => {
  const top = join(packageRoot(), 'test');
  const files = readdirSync(top, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files
    .map((file) => ({ file, text: readFileSync(join(top, file), 'utf8') }))
    .filter(({ text }) => timed.test(text) && !fake.test(text))
    .map(({ file }) => file);
  expect(files.length).toBeGreaterThan(100);
  // Milliseconds that a plan expects of a clone, and none that passed.
  expect(
    found.filter(
      (file) => file !== 'unit/servers/postgres/strategy.test.ts' && file !== 'unit/timeless.test.ts',
    ),
  ).toEqual([]);
});
