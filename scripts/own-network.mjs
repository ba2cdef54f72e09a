import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

/**
 * A network namespace without a way out, and folders for data, state and settings below the temporary folder.
 * `inside(command)` runs a command there and returns its exit code.
 *
 * @param {string} name of the network namespace and of the folder
 * @param {NodeJS.ProcessEnv} more variables
 */
export function ownNetwork(name, more = {}) {
  const folder = join(tmpdir(), name);
  const netns = `/run/netns/${name}`;
  const env = {
    ...process.env,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    COPPICE_TEST_FOLDER: folder,
    ...more,
  };
  return {
    folder,
    env,
    exists: () => existsSync(netns),
    // Not `ip netns exec`: that mounts another /sys, and containers need the cgroups below it.
    inside: (command) =>
      spawnSync('nsenter', [`--net=${netns}`, ...command], { cwd: root, env, stdio: 'inherit' }).status ?? 1,
    create: () => {
      run('ip', ['netns', 'add', name]);
      run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
      mkdirSync(env.XDG_CONFIG_HOME, { recursive: true });
    },
    /** Also what a killed earlier run left. */
    remove: () => {
      if (existsSync(netns)) run('ip', ['netns', 'delete', name]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Runs `work` in its own network and folders; all is removed afterwards. Only the toolchain cache is shared.
 *
 * @param {string} name network namespace and folder below the temporary folder
 * @param {(inside: (command: string[]) => number, folder: string) => number} work
 * @param {NodeJS.ProcessEnv} more variables
 */
export function withOwnNetwork(name, work, more) {
  const network = ownNetwork(name, more);
  refuseSecondRun(`${network.folder}.pid`, name);
  network.remove();
  network.create();
  try {
    return work(network.inside, network.folder);
  } finally {
    network.remove();
  }
}

/** Why this machine does not allow a separate network, or undefined. */
export function reasonAgainstOwnNetwork() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid() !== 0) return 'it needs root';
  return undefined;
}

/** Ends this process if another one holds the lock file; the lock ends with this process. */
export function refuseSecondRun(file, name) {
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (
    other &&
    existsSync(`/proc/${other}/comm`) &&
    readFileSync(`/proc/${other}/comm`, 'utf8').startsWith('node')
  ) {
    console.error(`error: ${name} is in use by process ${other}; wait for it, or remove ${file}`);
    process.exit(1);
  }
  writeFileSync(file, String(process.pid));
  process.on('exit', () => rmSync(file, { force: true }));
}
