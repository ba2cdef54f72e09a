// `npm run check`: everything that needs no engine and no cluster, in parallel, in under a minute.
import { spawn } from 'node:child_process';
import { installDependencies, nodeInstrumentation, rooms, root } from './prepare.mjs';

installDependencies();
installDependencies(nodeInstrumentation);
const typesSeenBefore = 'node_modules/.cache/coppice-check/types.tsbuildinfo';
const knip = ['knip', '--no-progress', '--no-tag-hints'];
const checks = {
  types: ['tsc', '-p', '.', '--incremental', '--tsBuildInfoFile', typesSeenBefore],
  'types of what pods load': ['tsc', '-p', 'instrumentation/node'],
  lint: ['biome', 'ci', '--diagnostic-level=error', '.'],
  rules: ['depcruise', ...rooms, '--output-type', 'err'],
  unused: knip,
  // Tags `@internal` are what it leaves out: exports that tests alone use, each with its reason.
  'unused without tests': [...knip, '--production'],
  tests: ['vitest', 'run', '--project', 'unit', '--project', 'golden', ...process.argv.slice(2)],
};

const results = await Promise.all(
  Object.entries(checks).map(
    ([name, [command, ...args]]) =>
      new Promise((resolve) => {
        const child = spawn('npx', ['--no-install', command, ...args], {
          cwd: root,
          env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
        });
        const began = performance.now();
        let output = '';
        child.stdout.on('data', (chunk) => (output += chunk));
        child.stderr.on('data', (chunk) => (output += chunk));
        child.on('close', (code) =>
          resolve({ name, code, output, seconds: (performance.now() - began) / 1000 }),
        );
      }),
  ),
);
for (const { name, code, output } of results) {
  if (code !== 0 || name === 'tests') process.stdout.write(`\n--- ${name}\n${output}`);
}
for (const { name, code, seconds } of results)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;
