import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from './docker-engine.mjs';
import { withOwnCluster } from './own-cluster.mjs';
import { reasonAgainstOwnNetwork, withOwnNetwork } from './own-network.mjs';
import { root } from './prepare.mjs';
import { filesToRunAgain, readReport, reportFile } from './results.mjs';
import { shellVariables } from './test-shells.mjs';

/**
 * The suites of `npm test`. Each has its own surroundings, so they run in parallel. `run` returns the exit code, or
 * undefined if the suite cannot run, after printing why.
 */
export const suites = {
  worktrees: {
    projects: ['worktrees'],
    folders: ['test/worktrees'],
    run: (work) =>
      withNetwork(
        (name, inside) => withOwnNetwork(name, inside, shellVariables()),
        'coppice-test-worktrees',
        work,
      ),
  },
  servers: {
    projects: ['postgres', 'temporal', 'telemetry'],
    folders: ['test/servers'],
    run: (work) =>
      withNetwork(withOwnNetwork, 'coppice-test-servers', (inside) => {
        downloadGoModules();
        return work(inside);
      }),
  },
  e2e: {
    projects: ['e2e'],
    folders: ['test/e2e'],
    run: (work) => withNetwork(withOwnCluster, 'coppice-test', work),
  },
  // Beside the one above, as a test waits for pods two fifths of its time.
  engine: {
    projects: ['engine', 'driver', 'trouble'],
    folders: ['test/engine', 'test/driver', 'test/trouble'],
    run: (work) => withNetwork(withOwnCluster, 'coppice-test-engine', work),
  },
  k3d: {
    projects: ['k3d'],
    folders: ['test/k3d'],
    run: withEngine,
  },
};

/** A test runs `go test`, where no proxy of modules is reached. Without Go it says that it was skipped. */
function downloadGoModules() {
  spawnSync('go', ['list', '-deps', '-test', 'coppice.dev/toolchain/otel-collector/environmentlimit'], {
    cwd: join(root, 'toolchain', 'modules', 'otel-collector'),
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Exit code of `scripts/test-suite.mjs` if its suite cannot run, as in automake's tests. */
export const couldNotRun = 77;

/**
 * Runs a suite's tests by `inside`, and writes vitest's JSON report to the folder. If a few files of a whole suite fail,
 * they are run once more, each from its beginning; the second report and exit code are theirs. Nothing is run again
 * for one who names a file: they want to see it fail.
 */
export function runTests(suite, reports, words, inside) {
  mkdirSync(reports, { recursive: true });
  // Those of an earlier run into the same folder are not about this one.
  const [first, second] = [suite, `${suite}.again`].map((name) => reportFile(reports, name));
  for (const file of [first, second]) rmSync(file, { force: true });
  const code = inside(vitest(suite, first, words));
  const files = code === 0 || words.length > 0 ? [] : filesToRunAgain(readReport(reports, suite));
  if (files.length === 0) return code;
  console.log(`run again, as they failed:\n${files.map((file) => `  ${file}`).join('\n')}`);
  return inside(vitest(suite, second, files));
}

function vitest(suite, report, words) {
  return [
    ...[process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
    ...suites[suite].projects.flatMap((project) => ['--project', project]),
    // A file that is named on the command line is a test of only one suite.
    '--passWithNoTests',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...words,
  ];
}

function withNetwork(surroundings, name, work) {
  const reason = reasonAgainstOwnNetwork();
  if (reason === undefined) return surroundings(name, work);
  console.log(`these tests were NOT run: ${reason}`);
  return undefined;
}
