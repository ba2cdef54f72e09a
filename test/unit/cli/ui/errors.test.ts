import { describe, expect, test } from 'vitest';
import { knownFailure, knownFailures } from '../../../../app/known-failures.ts';
import { errorDocument, exitCodeOf, renderError } from '../../../../cli/ui/errors.ts';
import { parseSpec } from '../../../../config/spec/load.ts';
import { CoppiceError, ExitCode } from '../../../../core/errors.ts';

const locked = new CoppiceError('COPPICE_LOCKED', 'shop/b is being changed', {
  hint: 'wait',
  cause: new Error('the deeper reason'),
});

describe('an error', () => {
  test('shows what happened and what to try', () => {
    expect(renderError(locked, { verbose: false })).toBe('error: shop/b is being changed\n  try: wait');
  });

  test('shows its causes only with --verbose', () => {
    expect(renderError(locked, { verbose: true })).toContain('because: Error: the deeper reason');
  });

  test('lines up hints of several lines', () => {
    const error = new CoppiceError('COPPICE_LOCKED', 'no', { hint: 'one\ntwo' });
    expect(renderError(error, { verbose: false })).toBe('error: no\n  try: one\n       two');
  });

  test('as JSON is code, message and hint', () => {
    expect(errorDocument(locked)).toEqual({
      code: 'COPPICE_LOCKED',
      message: 'shop/b is being changed',
      hint: 'wait',
    });
  });

  test('of a spec is JSON with every problem and its place', () => {
    let thrown: unknown;
    try {
      parseSpec('version: 1\nname: Shop\nservces: {}\n', { file: '/app/coppice.yaml' });
    } catch (error) {
      thrown = error;
    }
    const { problems } = errorDocument(thrown);
    expect(problems?.map(({ line }) => line)).toEqual(expect.arrayContaining([2, 3]));
  });

  test('ends with the exit code that it carries, the unexpected with 1', () => {
    expect(exitCodeOf(new CoppiceError('COPPICE_LOCKED', 'x', { exitCode: ExitCode.unreachable }))).toBe(3);
    expect(exitCodeOf(locked)).toBe(1);
    expect(exitCodeOf(new TypeError('undefined is not a function'))).toBe(1);
  });

  test('that was unexpected is short and names the log', () => {
    const shown = renderError(new TypeError('x is undefined\n  second line'), {
      verbose: false,
      log: '/logs/crash.txt',
    });
    expect(shown).toContain('error: unexpected: x is undefined\n');
    expect(shown).not.toContain('second line');
    expect(shown).toContain('log: /logs/crash.txt');
  });
});

describe('known failures', () => {
  test.each([
    ['error: the stack is currently locked by 1 lock(s)', 'wait'],
    ['incorrect passphrase', 'wt doctor'],
    ['could not load plugin for kubernetes provider', 'wt toolchain install'],
    ['error: configured Kubernetes cluster is unreachable: no such host', 'wt cluster status'],
    ['dial tcp 10.213.0.1:6443: connect: connection refused', 'wt doctor'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'wt doctor'],
    ['ENOSPC: System limit for number of file watchers reached, watch', 'fs.inotify'],
    ['write /x: no space left on device', 'free some disk space'],
    ['no matches for kind "HTTPRoute" in version', 'wt platform up'],
    ['pods "web" is forbidden: exceeded quota: quota', 'lower'],
  ])('%s has a hint', (text, hint) => {
    expect(knownFailure(text)).toContain(hint);
  });

  test('are distinct: none hides another that stands below it', () => {
    expect(new Set(knownFailures.map(({ hint }) => hint)).size).toBe(knownFailures.length);
  });

  test.each([
    'connect ECONNREFUSED 10.214.0.9:5432',
    'ERROR: permission denied for table users',
    'ENOSPC: System limit for number of file watchers reached',
    'SyntaxError: Unexpected end of JSON input',
  ])('are ours: %s of a program that is quoted has no hint', (text) => {
    expect(knownFailure(`the migration failed: exit code 1\n  | ${text}`)).toBeUndefined();
  });

  test('have no hint for an unknown error', () => {
    expect(knownFailure('the moon is full')).toBeUndefined();
  });
});
