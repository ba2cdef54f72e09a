// `npm test`: checks, then the tests against a real engine and a real cluster of their own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonAgainstOwnCluster, withOwnCluster } from './own-cluster.mjs';
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
const report = join(summary, 'report.json');
const vitest = [process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'];
process.exitCode = withOwnCluster('coppice-test', (inside) =>
  inside([
    ...vitest,
    ...['--project', 'database', '--project', 'temporal', '--project', 'engine', '--project', 'e2e'],
    ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`],
    ...process.argv.slice(2),
  ]),
);
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
rmSync(summary, { recursive: true });
