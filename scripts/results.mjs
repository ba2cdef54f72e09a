import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './prepare.mjs';

/** More failing files than this are no accident, and running them again would only take time. */
const mostAgain = 4;

/** vitest's JSON report of a suite's run; undefined if there is none. */
export function readReport(folder, suite) {
  const file = reportFile(folder, suite);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The same of its files that failed and were run again. */
export function readSecondReport(folder, suite) {
  return readReport(folder, `${suite}.again`);
}

export function reportFile(folder, suite) {
  return join(folder, `${suite}.json`);
}

/** The failed files of a run that are worth another one: all or none. */
export function filesToRunAgain(report) {
  const failed = (report?.testResults ?? []).filter(({ status }) => status === 'failed');
  return failed.length > mostAgain ? [] : failed.map(({ name }) => name);
}

/**
 * What a suite's first run and, if some of its files were run again, its second one mean together. A test that failed
 * in both has failed, and so has one that failed in the second alone. One that failed in the first alone is flaky.
 */
export function judge(first, again) {
  const found = first.testResults.flatMap((file) => failuresOf(file));
  if (again === undefined) return { failed: found, flaky: [], passed: first.numPassedTests };
  const failed = again.testResults.flatMap((file) => failuresOf(file));
  // Where the second run ended before this file, nothing shows that it would have passed.
  const wasRun = ({ file }) => again.testResults.some(({ name }) => name === file);
  const missing = found.filter((failure) => !wasRun(failure));
  const files = new Set(failed.map(({ file }) => file));
  const flaky = found.filter(
    (failure) =>
      wasRun(failure) &&
      !(failure.test === undefined
        ? files.has(failure.file)
        : failed.some(({ file, test }) => file === failure.file && (test ?? failure.test) === failure.test)),
  );
  const recovered = flaky.filter(({ test }) => test !== undefined).length;
  return { failed: [...failed, ...missing], flaky, passed: first.numPassedTests + recovered };
}

/** One line and its indented message for each. */
export function lines({ failed, flaky }) {
  return [
    ...flaky.map((failure) => described('FLAKY', failure)),
    ...failed.map((failure) => described('FAILED', failure)),
  ];
}

/** What failed in a file of tests: its tests, or the file itself if it could not begin or clean up. */
function failuresOf({ name, status, message, assertionResults }) {
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages }) => ({
      file: name,
      test: fullName,
      message: failureMessages.join('\n'),
    }));
  return status === 'failed' && tests.length === 0 ? [{ file: name, message }] : tests;
}

function described(word, { file, test, message }) {
  const where = relative(root, file);
  return `${word} ${test === undefined ? where : `${where} > ${test}`}\n${indented(message)}`;
}

function indented(message) {
  const lines = message.split('\n').slice(0, 12);
  return lines.map((line) => `  ${line.slice(0, 300)}`).join('\n');
}
