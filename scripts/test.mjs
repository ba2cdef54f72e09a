// `npm test`: checks, then the suites against real servers, a real engine and real clusters of their own, in parallel.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonAgainstOwnNetwork } from './own-network.mjs';
import { build, example, installDependencies, root, run } from './prepare.mjs';
import { couldNotRun, suites } from './suites.mjs';

installDependencies();
installDependencies(example);
build();
run(process.execPath, [join(root, 'scripts', 'check.mjs')]);
// Once for all suites: otherwise they would wait for each other.
if (reasonAgainstOwnNetwork() === undefined)
  run(process.execPath, [join(root, 'bin', 'wt'), 'toolchain', 'install']);

const kept = process.env.COPPICE_TEST_REPORTS;
const reports = kept ?? mkdtempSync(join(tmpdir(), 'coppice-reports-'));
const codes = await Promise.all(Object.keys(suites).map(runSuite));
/** A green CI must mean that every suite ran. */
const judged = codes.map((code) => (code === couldNotRun && !process.env.CI ? 0 : code));
process.exitCode = judged.find((code) => code !== 0) ?? 0;
printTotals();
if (kept === undefined) rmSync(reports, { recursive: true });

/** Runs a suite with its name before each line, as their output is mixed; returns its exit code. */
function runSuite(name) {
  const script = join(root, 'scripts', 'test-suite.mjs');
  const child = spawn(process.execPath, [script, name, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, COPPICE_TEST_REPORTS: reports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => console.log(`${name.padEnd(7)} | ${line}`));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function printTotals() {
  const all = Object.keys(suites)
    .map((suite) => join(reports, `${suite}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const total = (key) => all.reduce((sum, report) => sum + report[key], 0);
  // The last lines are what a CI shows first: they say what failed, not only how much.
  for (const line of all.flatMap((report) => report.testResults).flatMap(failures)) console.log(line);
  console.log(
    `${total('numPassedTests')} passed, ${total('numFailedTests')} failed, ${total('numPendingTests')} skipped`,
  );
}

/** What failed in a file of tests, with the messages: its tests, or the file itself if it could not begin or clean up. */
function failures({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `FAILED ${file} > ${test.fullName}\n${indented(test.failureMessages.join('\n'))}`);
  if (status === 'failed' && tests.length === 0) return [`FAILED ${file}\n${indented(message)}`];
  return tests;
}

function indented(message) {
  const lines = message.split('\n').slice(0, 12);
  return lines.map((line) => `  ${line.slice(0, 300)}`).join('\n');
}
