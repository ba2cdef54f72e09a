// `npm test`: checks, then the tests against a real engine and a real cluster of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

/** The test cluster lives in a network namespace and folders of its own, so one that is running is neither used nor harmed. */
const namespace = 'coppice-test';
const folder = join(tmpdir(), 'coppice-test');

const wt = [process.execPath, join(root, 'bin', 'wt')];
const env = {
  ...process.env,
  XDG_DATA_HOME: join(folder, 'data'),
  XDG_CONFIG_HOME: join(folder, 'config'),
  COPPICE_TEST_FOLDER: folder,
};

installDependencies();
build();
run(process.execPath, [join(root, 'scripts', 'check.mjs')]);

const reason =
  process.platform !== 'linux'
    ? 'they need Linux'
    : process.getuid() !== 0
      ? 'they need root (sudo npm test)'
      : undefined;
if (reason) {
  console.log(`engine and end-to-end tests were NOT run: ${reason}`);
  process.exit(0);
}

// Everything that comes from outside comes now: the network namespace has no way out.
run(wt[0], [wt[1], 'toolchain', 'install']);
refuseSecondRun();
removeCluster();
makeNetworkNamespace();
mkdirSync(join(env.XDG_CONFIG_HOME, 'coppice'), { recursive: true });
writeFileSync(
  join(env.XDG_CONFIG_HOME, 'coppice', 'config.yaml'),
  `driver: embedded\nembedded:\n  dataFolder: ${folder}/cluster\n  runFolder: ${folder}/run\n  bridge: coppicetest0\n`,
);

let code = 1;
const summary = join(mkdtempSync(join(tmpdir(), 'coppice-summary-')), 'summary.json');
try {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const filters = process.argv.slice(2);
  code =
    inside(
      [
        process.execPath,
        vitest,
        'run',
        '--project',
        'engine',
        '--project',
        'e2e',
        '--reporter=verbose',
        '--reporter=json',
        `--outputFile.json=${summary}`,
        ...filters,
      ],
      'inherit',
    ).status ?? 1;
} finally {
  removeCluster();
}
if (existsSync(summary)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(summary, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
  rmSync(summary);
}
process.exit(code);

function inside(command, stdio) {
  // Not `ip netns exec`: that mounts another /sys, and containers need the cgroups below it.
  return spawnSync('nsenter', [`--net=/run/netns/${namespace}`, ...command], { cwd: root, env, stdio });
}

function makeNetworkNamespace() {
  run('ip', ['netns', 'add', namespace]);
  run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
}

/** Also what an earlier run left that was killed: mounts, processes, the namespace with bridge and rules in it. */
function removeCluster() {
  if (existsSync(folder)) {
    if (!existsSync(`/run/netns/${namespace}`)) makeNetworkNamespace();
    inside([...wt, 'cluster', 'reset', '--yes'], 'inherit');
  }
  if (existsSync(`/run/netns/${namespace}`)) run('ip', ['netns', 'delete', namespace]);
  rmSync(folder, { recursive: true, force: true });
}

function refuseSecondRun() {
  const file = `${folder}.pid`;
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (
    other &&
    existsSync(`/proc/${other}/cmdline`) &&
    readFileSync(`/proc/${other}/cmdline`, 'utf8').includes('test.mjs')
  ) {
    console.error(`error: another npm test is running (pid ${other}); its cluster would be in the way`);
    process.exit(1);
  }
  writeFileSync(file, String(process.pid));
  process.on('exit', () => rmSync(file, { force: true }));
}
