import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from './docker-engine.mjs';
import { withOwnCluster } from './own-cluster.mjs';
import { reasonAgainstOwnNetwork, withOwnNetwork } from './own-network.mjs';
import { root } from './prepare.mjs';

/**
 * The suites of `npm test`. Each has surroundings of its own, so they run side by side. `run` returns the exit code, or
 * undefined where the suite cannot run, having said why.
 */
export const suites = {
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

/** What `scripts/test-suite.mjs` ends with where its suite cannot run, as automake's tests do. */
export const couldNotRun = 77;

/** The vitest command of a suite; with a folder, a report in JSON goes there. */
export function vitest(suite, reports, words) {
  if (reports) mkdirSync(reports, { recursive: true });
  return [
    ...[process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
    ...suites[suite].projects.flatMap((project) => ['--project', project]),
    // A file that is named on the command line is a test of one suite only.
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
