import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';

/** What is read of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

interface Failure {
  readonly file: string;
  readonly test?: string;
  readonly message: string;
}

interface Judgement {
  readonly failed: readonly Failure[];
  readonly flaky: readonly Failure[];
  readonly passed: number;
}

/** A script, so without types. */
const { filesToRunAgain, judge, lines } = (await import(
  pathToFileURL(join(packageRoot(), 'scripts', 'results.mjs')).href
)) as {
  filesToRunAgain(report: Report | undefined): string[];
  judge(first: Report, again?: Report): Judgement;
  lines(judgement: Judgement): string[];
};

const path = (file: string) => join(packageRoot(), 'test', 'e2e', `${file}.test.ts`);

/** A file with its tests: the message of each that failed, or undefined. `broken`: why the file itself failed. */
function file(name: string, tests: { readonly [test: string]: string | undefined }, broken = '') {
  const assertionResults = Object.entries(tests).map(([fullName, message]) => ({
    fullName,
    status: message === undefined ? 'passed' : 'failed',
    failureMessages: message === undefined ? [] : [message],
  }));
  const failed = broken !== '' || assertionResults.some(({ status }) => status === 'failed');
  return { name: path(name), status: failed ? 'failed' : 'passed', message: broken, assertionResults };
}

function report(...testResults: Report['testResults']): Report {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return { numPassedTests: tests.filter(({ status }) => status === 'passed').length, testResults };
}

const first = report(
  file('up', { works: undefined, answers: 'no answer\n  at up.test.ts' }),
  file('down', { ends: undefined }),
);

describe('files that failed', () => {
  test('are run again, and no others', () => {
    expect(filesToRunAgain(first)).toEqual([path('up')]);
  });

  test('are not when there are so many that it is no accident, nor without a report', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, { works: 'no' }));
    expect(filesToRunAgain(report(...all.slice(1)))).toHaveLength(4);
    expect(filesToRunAgain(report(...all))).toEqual([]);
    expect(filesToRunAgain(undefined)).toEqual([]);
  });
});

describe('a test that failed', () => {
  test('is flaky when it passes in the second run, which is printed with the first message', () => {
    const judged = judge(first, report(file('up', { works: undefined, answers: undefined })));
    expect(judged).toMatchObject({ failed: [], passed: 3 });
    expect(lines(judged)).toEqual(['FLAKY test/e2e/up.test.ts > answers\n  no answer\n    at up.test.ts']);
  });

  test('has failed when it fails in the second run too, or when there is none', () => {
    const line = 'FAILED test/e2e/up.test.ts > answers\n  still no answer';
    const again = judge(first, report(file('up', { works: undefined, answers: 'still no answer' })));
    expect(again).toMatchObject({ flaky: [], passed: 2 });
    expect(lines(again)).toEqual([line]);
    expect(judge(first)).toMatchObject({ failed: [{ test: 'answers' }], flaky: [], passed: 2 });
  });

  test('has failed when its file did not come to its end in the second run', () => {
    expect(judge(first, report())).toMatchObject({ failed: [{ test: 'answers' }], flaky: [] });
    const broken = report(file('up', {}, 'the cluster does not start'));
    expect(judge(first, broken)).toMatchObject({
      failed: [{ message: 'the cluster does not start' }],
      flaky: [],
    });
  });

  test('in the second run alone has failed', () => {
    const judged = judge(first, report(file('up', { works: 'not any more', answers: undefined })));
    expect(judged).toMatchObject({ failed: [{ test: 'works' }], flaky: [{ test: 'answers' }] });
  });
});

test('a file that could not begin is flaky when it can in the second run', () => {
  const broken = report(file('up', {}, 'the cluster does not start'));
  expect(lines(judge(broken, report(file('up', { works: undefined }))))).toEqual([
    'FLAKY test/e2e/up.test.ts\n  the cluster does not start',
  ]);
  expect(judge(broken, report(file('up', { works: 'no' })))).toMatchObject({
    failed: [{ test: 'works' }],
    flaky: [],
  });
});
