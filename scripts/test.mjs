// `npm test`: checks, then the suites against real servers, a real engine and real clusters of their own, in parallel.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonAgainstOwnNetwork } from './own-network.mjs';
import { build, example, installDependencies, root, run } from './prepare.mjs';
import { judge, lines, readReport, readSecondReport } from './results.mjs';
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
const outcomes = codes.map((code) => (code === couldNotRun && !process.env.CI ? 0 : code));
process.exitCode = outcomes.find((code) => code !== 0) ?? 0;
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
    createInterface({ input: output }).on('line', (line) => console.log(`${name.padEnd(9)} | ${line}`));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function printTotals() {
  const judged = Object.keys(suites).flatMap((suite) => {
    const report = readReport(reports, suite);
    return report ? [{ ...judge(report, readSecondReport(reports, suite)), report }] : [];
  });
  // The last lines are what a CI shows first: they say what failed, not only how much.
  for (const line of judged.flatMap(lines)) console.log(line);
  const total = (count) => judged.reduce((sum, one) => sum + count(one), 0);
  const [passed, failed, flaky] = [
    total((one) => one.passed),
    total((one) => one.failed.length),
    total((one) => one.flaky.length),
  ];
  const skipped = total(({ report }) => report.numPendingTests);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped${flaky > 0 ? `, ${flaky} flaky` : ''}`);
}
