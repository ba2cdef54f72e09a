import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { refuseSecondRun } from './own-network.mjs';
import { root, run } from './prepare.mjs';

/** Why the Docker engine that `docker` reaches cannot be used for tests, or undefined. */
export function reasonAgainstRunningEngine() {
  const { error, status } = spawnSync('docker', ['version'], { stdio: 'ignore', timeout: 15_000 });
  if (error) return 'there is no command `docker`';
  if (status !== 0) return 'no Docker engine answers';
  return undefined;
}

/**
 * Gives `work` a folder of its own for data, state, settings and worktrees, and the Docker engine of this machine, in which
 * tests make a cluster of another name on other ports. What is in that engine otherwise is neither used nor harmed.
 *
 * @param {string} name of the folder, which lies below the user's own: Docker's machine sees no other on macOS
 * @param {(inside: (command: string[]) => number, folder: string) => number} work
 */
export function withRunningEngine(name, work) {
  const folder = join(homedir(), `.${name}`);
  const env = {
    ...process.env,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    COPPICE_TEST_FOLDER: folder,
    COPPICE_TEST_ENGINE: 'running',
  };
  const inside = ([command, ...args]) =>
    spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
  const wt = [process.execPath, join(root, 'bin', 'wt')];
  /** Also what an earlier run left that was killed. */
  const remove = () => {
    if (
      existsSync(join(env.XDG_CONFIG_HOME, 'coppice', 'config.yaml')) &&
      inside([...wt, 'cluster', 'reset', '--yes']) !== 0
    )
      throw new Error(`the cluster of ${folder} could not be removed`);
    rmSync(folder, { recursive: true, force: true });
  };

  run(wt[0], [wt[1], 'toolchain', 'install', 'k3d', 'kubectl']);
  refuseSecondRun(`${folder}.pid`, name);
  remove();
  mkdirSync(folder, { recursive: true });
  try {
    return work(inside, folder);
  } finally {
    remove();
  }
}
