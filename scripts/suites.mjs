import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from './docker-engine.mjs';
import { withOwnCluster } from './own-cluster.mjs';
import { reasonAgainstOwnNetwork, withOwnNetwork } from './own-network.mjs';
import { root } from './prepare.mjs';

/**
 * The suites of `npm test`. Each has its own surroundings, so they run in parallel. `run` returns the exit code, or
 * undefined if the suite cannot run, after printing why.
 */
export const suites = {
  worktrees: {
    projects: ['worktrees'],
    folders: ['test/worktrees'],
    run: (work) => withNetwork(withOwnNetwork, 'coppice-test-worktrees', work),
  },
  servers: {
    projects: ['postgres', 'temporal'],
    folders: ['test/servers'],
    run: (work) => withNetwork(withOwnNetwork, 'coppice-test-servers', work),
  },
  cluster: {
    projects: ['engine', 'e2e'],
    folders: ['test/engine', 'test/e2e'],
    run: (work) => withNetwork(withOwnCluster, 'coppice-test', work),
  },
  k3d: {
    projects: ['k3d'],
    folders: ['test/k3d'],
    run: withEngine,
  },
};

/** Exit code of `scripts/test-suite.mjs` if its suite cannot run, as in automake's tests. */
export const couldNotRun = 77;

/** The vitest command of a suite; with a folder, a JSON report is written there. */
export function vitest(suite, reports, words) {
  if (reports) mkdirSync(reports, { recursive: true });
  return [
    ...[process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
    ...suites[suite].projects.flatMap((project) => ['--project', project]),
    // A file that is named on the command line is a test of only one suite.
    '--passWithNoTests',
    '--reporter=verbose',
    ...(reports ? ['--reporter=json', `--outputFile.json=${join(reports, `${suite}.json`)}`] : []),
    ...words,
  ];
}

function withNetwork(surroundings, name, work) {
  const reason = reasonAgainstOwnNetwork();
  if (reason === undefined) return surroundings(name, work);
  console.log(`these tests were NOT run: ${reason}`);
  return undefined;
}
