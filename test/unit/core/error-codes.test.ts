import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, expectTypeOf, test } from 'vitest';
import { type ErrorCode, errorCodes } from '../../../core/error-codes.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { exitCodeFor } from '../../../core/exit-code.ts';
import { packageRoot } from '../../../core/package-root.ts';

const root = packageRoot();
const codes = Object.keys(errorCodes);

function sources(): string {
  const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));
  return globSync(
    rooms.map((room) => `${room}/**/*.ts`),
    { cwd: root, absolute: true, ignore: ['core/error-codes.ts'] },
  )
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Calls that check for a code, and throw none. */
const asked = [
  /hasCode\([^)]*\)/g,
  /[!=]==\s*'COPPICE_\w+'/g,
  /readonly ErrorCode\[\] = \[[^\]]*\]/g,
  /: 'COPPICE_\w+'( \| 'COPPICE_\w+')+/g,
];

test('every code is thrown somewhere', () => {
  const throwing = asked.reduce((text, pattern) => text.replace(pattern, ''), sources());
  expect(codes.filter((code) => !throwing.includes(`'${code}'`))).toEqual([]);
});

test('a mistyped code does not compile', () => {
  expectTypeOf<'COPPICE_LOCKED'>().toExtend<ErrorCode>();
  expectTypeOf<'COPPICE_LOKCED'>().not.toExtend<ErrorCode>();
  expectTypeOf<ConstructorParameters<typeof CoppiceError>[0]>().toEqualTypeOf<ErrorCode>();
});

test('an error has the exit code of its code, unless the code that throws it sets another one', () => {
  expect(new CoppiceError('COPPICE_LOCKED', 'x').exitCode).toBe(1);
  expect(new CoppiceError('COPPICE_USAGE', 'x').exitCode).toBe(2);
  expect(new CoppiceError('COPPICE_NO_CLUSTER', 'x').exitCode).toBe(3);
  expect(new CoppiceError('COPPICE_LOCKED', 'x', { exitCode: ExitCode.unreachable }).exitCode).toBe(3);
});

test('no call site repeats the exit code of its code', () => {
  const repeated = [
    ...sources().matchAll(/new CoppiceError\(\s*'(COPPICE_\w+)'[^;]*?exitCode: ExitCode\.(\w+)/g),
  ]
    .map(([, code, exitCode]) => [code as ErrorCode, ExitCode[exitCode as keyof typeof ExitCode]] as const)
    .filter(([code, exitCode]) => exitCodeFor(code) === exitCode);
  expect(repeated).toEqual([]);
});

test('codes are in alphabetical order', () => {
  expect(codes).toEqual([...codes].sort());
});

test('docs/troubleshooting.md has the table of all codes', () => {
  const script = join(root, 'scripts', 'error-codes.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
