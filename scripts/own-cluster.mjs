import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownNetwork, refuseSecondRun } from './own-network.mjs';
import { root, run } from './prepare.mjs';

/**
 * Runs `work` in its own surroundings for a cluster: a network namespace, and folders for data, state and settings.
 * A cluster that is running on this machine is neither used nor harmed. Only the toolchain cache is shared.
 * `work` gets `inside(command)`, which runs a command there and returns its exit code; all is removed afterwards.
 *
 * @param {string} name network namespace and folder below the temporary folder
 * @param {(inside: (command: string[]) => number, folder: string) => number} work
 */
export function withOwnCluster(name, work) {
  const network = ownNetwork(name);
  const { folder, inside } = network;
  const wt = [process.execPath, join(root, 'bin', 'wt')];
  /** Also what a killed earlier run left: mounts, processes, the namespace with its bridge and rules. */
  const remove = () => {
    if (existsSync(folder)) {
      if (!network.exists()) network.create();
      if (inside([...wt, 'cluster', 'reset', '--yes']) !== 0)
        throw new Error(`the cluster below ${folder} could not be removed`);
    }
    network.remove();
  };

  // Fetch everything from outside now: the network namespace has no way out.
  run(wt[0], [wt[1], 'toolchain', 'install']);
  refuseSecondRun(`${folder}.pid`, name);
  remove();
  network.create();
  const settings = join(folder, 'config', 'coppice');
  mkdirSync(settings);
  writeFileSync(
    join(settings, 'config.yaml'),
    `driver: embedded\nembedded:\n  dataFolder: ${folder}/cluster\n  runFolder: ${folder}/run\n`,
  );
  try {
    return work(inside, folder);
  } finally {
    remove();
  }
}
