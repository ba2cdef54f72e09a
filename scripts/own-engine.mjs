import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonAgainstPackages, testCache, unpackedPackages } from './debian.mjs';
import { refuseSecondRun } from './own-network.mjs';
import { root, run } from './prepare.mjs';

/** Why this machine cannot run a separate Docker engine, or undefined. */
export function reasonAgainstOwnEngine() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid() !== 0) return 'it needs root';
  if (reasonAgainstPackages() !== undefined) return 'it needs Debian, whose Docker package it unpacks';
  return undefined;
}

/**
 * Runs `work` with its own Docker engine: Debian's package, unpacked and not installed, in a network namespace with
 * its own data, socket, bridge and rules. An engine that runs on this machine is neither used nor harmed.
 * `work` gets `inside(command)`, which runs a command there and returns its exit code; all is removed afterwards.
 *
 * @param {string} name network namespace, control group and folder below the temporary folder
 * @param {(inside: (command: string[]) => number, folder: string) => number} work
 */
export function withOwnEngine(name, work) {
  const folder = join(tmpdir(), name);
  const netns = `/run/netns/${name}`;
  const dockerd = join(folder, 'dockerd');
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  const socket = join(dockerd, 'docker.sock');

  // Fetch everything from outside now: the network namespace has no way out.
  run(process.execPath, [join(root, 'bin', 'wt'), 'toolchain', 'install']);
  const programs = unpackedDocker();
  const env = {
    ...process.env,
    // k3d keeps its own files there.
    HOME: home,
    // k3d leaves files there.
    TMPDIR: temporary,
    PATH: `${programs.join(':')}:${process.env.PATH}:/usr/sbin`,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    DOCKER_HOST: `unix://${socket}`,
    COPPICE_TEST_FOLDER: folder,
    COPPICE_TEST_CRANE: builtCrane(),
  };
  // Not `ip netns exec`: that mounts another /sys, and containers need the cgroups below it.
  const enter = ['nsenter', `--net=${netns}`];
  const inside = (command) =>
    spawnSync(enter[0], [enter[1], ...command], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
  /** Also what a killed earlier run left: every process below the control group, mounts, the namespace. */
  const remove = () => {
    endAll({ name, folder, socket });
    for (const mount of mountsBelow(folder)) spawnSync('umount', ['--lazy', mount]);
    if (existsSync(netns)) run('ip', ['netns', 'delete', name]);
    rmSync(folder, { recursive: true, force: true });
    removeControlGroups(name);
  };

  refuseForeign(folder);
  refuseSecondRun(`${folder}.pid`, name);
  remove();
  // Not recursive: it fails if another process was quicker.
  mkdirSync(folder, { mode: 0o700 });
  run('ip', ['netns', 'add', name]);
  run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  for (const path of [dockerd, home, temporary]) mkdirSync(path, { recursive: true });
  try {
    startEngine({ name, dockerd, socket, enter, env, programs });
    return work(inside, folder);
  } finally {
    remove();
  }
}

function startEngine({ name, dockerd, socket, enter, env, programs }) {
  const wrapper = join(dockerd, 'runtime');
  const begin = join(dockerd, 'begin');
  const runc = resolved('runc', env);
  const script = join(root, 'test', 'k3d', 'engine', 'runtime-wrapper.mjs');
  writeFileSync(wrapper, `#!/bin/sh\nexec "${process.execPath}" "${script}" "${runc}" "$@"\n`);
  chmodSync(wrapper, 0o755);
  const words = [
    join(programs[1], 'dockerd'),
    ...['--data-root', join(dockerd, 'data'), '--exec-root', join(dockerd, 'exec')],
    ...['--host', `unix://${socket}`, '--pidfile', join(dockerd, 'pid')],
    ...['--add-runtime', `wrapped=${wrapper}`, '--default-runtime', 'wrapped'],
    ...['--init-path', resolved('catatonit', env)],
    ...['--userland-proxy-path', join(programs[1], 'docker-proxy')],
    ...['--cgroup-parent', `/${name}`],
  ];
  // A script, as a test starts it again.
  writeFileSync(
    begin,
    `#!/bin/sh\nexec ${words.map((word) => `"${word}"`).join(' ')} >>"${join(dockerd, 'log')}" 2>&1\n`,
  );
  chmodSync(begin, 0o755);
  const child = spawn(enter[0], [enter[1], begin], { env, detached: true, stdio: 'ignore' });
  child.unref();
  const deadline = Date.now() + 60_000;
  while (spawnSync('docker', ['version'], { env, stdio: 'ignore' }).status !== 0) {
    if (Date.now() > deadline || !existsSync(`/proc/${child.pid}`))
      throw new Error(`dockerd does not answer:\n${readFileSync(join(dockerd, 'log'), 'utf8').slice(-2000)}`);
    pause();
  }
}

/** Folders with docker and dockerd, from Debian's package; kept, as it is 36 MB. */
function unpackedDocker() {
  const folder = unpackedPackages('docker.io', ['docker.io']);
  const programs = [join(folder, 'usr', 'bin'), join(folder, 'usr', 'sbin')];
  const libraries = spawnSync('ldd', [join(programs[1], 'dockerd')], { encoding: 'utf8' }).stdout;
  if (libraries.includes('not found'))
    run('apt-get', ['install', '--yes', '--no-install-recommends', 'libdevmapper1.02.1', 'libsystemd0']);
  return programs;
}

/** crane, which serves as the stand-in of the image registry. */
function builtCrane() {
  const file = join(testCache(), 'crane');
  const build = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', file];
  // Go itself knows whether there is anything to do.
  run('go', [...build, 'github.com/google/go-containerregistry/cmd/crane'], {
    cwd: join(root, 'test', 'k3d', 'crane'),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
  });
  return file;
}

function resolved(name, env) {
  const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`there is no ${name}`);
  return stdout.trim();
}

/**
 * Throws if a folder or link of that name belongs to another user, or is not a folder: root would work in it, and its
 * name is predictable.
 */
export function refuseForeign(folder, user = process.getuid()) {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && found.uid === user)) return;
  throw new Error(`${folder} is not a folder of this user; check what it is, and remove it`);
}

/** Through the engine if it answers; by force for what has not ended within 20 s, or has no engine left. */
function endAll({ name, folder, socket }) {
  const docker = (...args) =>
    spawnSync('docker', ['--host', `unix://${socket}`, ...args], {
      env: { ...process.env, PATH: `${join(testCache(), 'docker.io', 'usr', 'bin')}:${process.env.PATH}` },
      encoding: 'utf8',
      timeout: 60_000,
    }).stdout ?? '';
  if (existsSync(socket)) {
    const containers = docker('ps', '--all', '--quiet').split('\n').filter(Boolean);
    if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers);
  }
  const left = () => [...processesOf(folder), ...controlGroups(name).flatMap(pidsIn)];
  for (const pid of processesOf(folder)) kill(pid, 'SIGTERM');
  awaitEnd({ left, force: (pid) => kill(pid, 'SIGKILL') });
}

/**
 * Waits 20 s until none is left, then 20 s by force; then throws with the pids, as a process that waits for a disk
 * cannot be killed.
 *
 * @param {{ left: () => number[], force: (pid: number) => void, now?: () => number, wait?: () => void }} processes
 */
export function awaitEnd({ left, force, now = Date.now, wait = pause }) {
  const begin = now();
  while (left().length > 0) {
    const waited = now() - begin;
    if (waited > 40_000) {
      throw new Error(
        `processes that cannot be ended: ${left().join(', ')}; what they use is left as it is (ps -o pid,stat,wchan,args -p PID)`,
      );
    }
    if (waited > 20_000) for (const pid of left()) force(pid);
    wait();
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
}

/** dockerd, its containerd and shims: all have a path below our folder among their arguments. */
function processesOf(folder) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      const words = commandLine(pid).split('\0');
      const program = words[0]?.split('/').at(-1);
      return (
        ['dockerd', 'containerd', 'containerd-shim', 'containerd-shim-runc-v2', 'docker-proxy'].includes(
          program,
        ) && words.some((word) => word.includes(`${folder}/dockerd/`))
      );
    })
    .map(Number);
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** In every hierarchy the group of that name and all below it, deepest first. */
function controlGroups(name) {
  const top = '/sys/fs/cgroup';
  return ['.', ...readdirSync(top)]
    .map((hierarchy) => join(top, hierarchy, name))
    .filter((group) => existsSync(join(group, 'cgroup.procs')))
    .flatMap(foldersBelow);
}

function foldersBelow(folder) {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => foldersBelow(join(folder, entry.name))), folder];
}

function pidsIn(group) {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function removeControlGroups(name) {
  for (const group of controlGroups(name)) {
    try {
      rmdirSync(group);
    } catch (error) {
      if (error.code !== 'ENOENT') console.error(`${group} stays: ${error.message}`);
    }
  }
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function mountsBelow(folder) {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`))
    .reverse();
}
