// `npm test`: checks, then the tests against a real engine and a real cluster of their own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonAgainstOwnCluster, withOwnCluster } from './own-cluster.mjs';
import { reasonAgainstOwnEngine, withOwnEngine } from './own-engine.mjs';
import { build, example, installDependencies, root, run } from './prepare.mjs';

installDependencies();
// Tests copy the example with its packages: their network has no way to a registry.
installDependencies(example);
build();
run(process.execPath, [join(root, 'scripts', 'check.mjs')]);

const reason = reasonAgainstOwnCluster();
if (reason) {
  console.log(`engine and end-to-end tests were NOT run: ${reason}`);
  // A green CI must mean that they ran.
  process.exit(process.env.CI ? 1 : 0);
}

const summary = mkdtempSync(join(tmpdir(), 'coppice-summary-'));
const vitest = [process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'];
/** What to run, with a report of its own; the last words of this command count them together. */
const tests = (report, ...projects) => [
  ...vitest,
  ...projects.flatMap((project) => ['--project', project]),
  // A file that is named on the command line is a test of one of the two.
  '--passWithNoTests',
  ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${join(summary, report)}`],
  ...process.argv.slice(2),
];
const codes = [
  withOwnCluster('coppice-test', (inside) =>
    inside(tests('cluster.json', 'database', 'temporal', 'engine', 'e2e')),
  ),
];
const noEngine = reasonAgainstOwnEngine();
if (noEngine) {
  console.log(`tests of k3d were NOT run: ${noEngine}`);
  if (process.env.CI) codes.push(1);
} else {
  codes.push(withOwnEngine('coppice-test-k3d', (inside) => inside(tests('k3d.json', 'k3d'))));
}
process.exitCode = codes.find((code) => code !== 0) ?? 0;
const reports = ['cluster.json', 'k3d.json']
  .map((report) => join(summary, report))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));
const total = (key) => reports.reduce((sum, report) => sum + report[key], 0);
console.log(
  `${total('numPassedTests')} passed, ${total('numFailedTests')} failed, ${total('numPendingTests')} skipped`,
);
rmSync(summary, { recursive: true });
