// `npm test`: checks, then the tests against a real engine and a real cluster of their own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withEngine } from './docker-engine.mjs';
import { reasonAgainstOwnCluster, withOwnCluster } from './own-cluster.mjs';
import { build, example, installDependencies, root, run } from './prepare.mjs';

installDependencies();
// Tests copy the example with its packages: their network has no way to a registry.
installDependencies(example);
build();
run(process.execPath, [join(root, 'scripts', 'check.mjs')]);

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
/** Undefined where they cannot be run; that is said, and a green CI must mean that they ran. */
const codes = [inOwnCluster(), withEngine((inside) => inside(tests('k3d.json', 'k3d')))];
process.exitCode = codes.map((code) => code ?? (process.env.CI ? 1 : 0)).find((code) => code !== 0) ?? 0;
const reports = ['cluster.json', 'k3d.json']
  .map((report) => join(summary, report))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));
const total = (key) => reports.reduce((sum, report) => sum + report[key], 0);
console.log(
  `${total('numPassedTests')} passed, ${total('numFailedTests')} failed, ${total('numPendingTests')} skipped`,
);
rmSync(summary, { recursive: true });

function inOwnCluster() {
  const reason = reasonAgainstOwnCluster();
  if (reason === undefined)
    return withOwnCluster('coppice-test', (inside) =>
      inside(tests('cluster.json', 'postgres', 'temporal', 'engine', 'e2e')),
    );
  console.log(`engine and end-to-end tests were NOT run: ${reason}`);
  return undefined;
}
