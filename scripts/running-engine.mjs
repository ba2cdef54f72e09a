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
 * Runs `work` with its own folder for data, state, settings and worktrees, and this machine's Docker engine, in which
 * tests create a cluster with another name and other ports. Everything else in that engine is neither used nor harmed.
 *
 * @param {string} name folder below the user's home: on macOS Docker's machine sees no other
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
  /** Also what a killed earlier run left. */
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
