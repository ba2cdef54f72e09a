import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

/**
 * Gives `work` a cluster's surroundings of its own: a network namespace, and folders for data, state and settings.
 * A cluster that is running on this machine is neither used nor harmed. Only the toolchain cache is shared.
 * `work` gets `inside(command)`, which runs a command there and returns its exit code; all is removed afterwards.
 *
 * @param {string} name network namespace and folder below the temporary folder
 * @param {(inside: (command: string[]) => number, folder: string) => number} work
 */
export function withOwnCluster(name, work) {
  const folder = join(tmpdir(), name);
  const netns = `/run/netns/${name}`;
  const wt = [process.execPath, join(root, 'bin', 'wt')];
  const env = {
    ...process.env,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    COPPICE_TEST_FOLDER: folder,
  };
  // Not `ip netns exec`: that mounts another /sys, and containers need the cgroups below it.
  const inside = (command) =>
    spawnSync('nsenter', [`--net=${netns}`, ...command], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
  const addNamespace = () => {
    run('ip', ['netns', 'add', name]);
    run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  };
  /** Also what an earlier run left that was killed: mounts, processes, the namespace with bridge and rules in it. */
  const remove = () => {
    if (existsSync(folder)) {
      if (!existsSync(netns)) addNamespace();
      if (inside([...wt, 'cluster', 'reset', '--yes']) !== 0)
        throw new Error(`the cluster below ${folder} could not be removed`);
    }
    if (existsSync(netns)) run('ip', ['netns', 'delete', name]);
    rmSync(folder, { recursive: true, force: true });
  };

  // Everything that comes from outside comes now: the network namespace has no way out.
  run(wt[0], [wt[1], 'toolchain', 'install']);
  refuseSecondRun(`${folder}.pid`, name);
  remove();
  addNamespace();
  mkdirSync(join(env.XDG_CONFIG_HOME, 'coppice'), { recursive: true });
  writeFileSync(
    join(env.XDG_CONFIG_HOME, 'coppice', 'config.yaml'),
    `driver: embedded\nembedded:\n  dataFolder: ${folder}/cluster\n  runFolder: ${folder}/run\n`,
  );
  try {
    return work(inside, folder);
  } finally {
    remove();
  }
}

/** Why a cluster of one's own cannot be had here, or undefined. */
export function reasonAgainstOwnCluster() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid() !== 0) return 'it needs root';
  return undefined;
}

/** Ends this process when another one holds the file; it goes with this process. */
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
