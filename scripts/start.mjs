// `npm start`: from a fresh clone to the running example.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, example, installDependencies, root } from './prepare.mjs';

const phases = [];
function phase(name, work) {
  const began = performance.now();
  if (work()) phases.push(`${name}=${Math.round(performance.now() - began)}`);
}
phase('dependencies', () => installDependencies());
phase('build', build);

// Does not ask about the example's `setup:`: starting this script already means running what the repository says.
const result = spawnSync(
  process.execPath,
  [join(root, 'bin', 'wt'), 'up', '--yes', ...process.argv.slice(2)],
  {
    cwd: example,
    stdio: 'inherit',
    env: { ...process.env, COPPICE_EARLIER_PHASES: phases.join(',') },
  },
);
process.exitCode = result.status ?? 1;
