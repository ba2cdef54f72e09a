import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../core/package-root.ts';
import { median, report } from './measure.ts';

const runs = 41;
const wt = join(packageRoot(), 'bin', 'wt');
const repository = mkdtempSync(join(tmpdir(), 'coppice-bench-'));
const git = (args: readonly string[], input = '') =>
  execFileSync('git', ['-C', repository, ...args], { input, encoding: 'utf8' }).trim();
git(['init', '-q', '-b', 'main']);
const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
git([...who, 'commit', '-q', '--allow-empty', '-m', 'Begin']);
const tip = git(['rev-parse', 'HEAD']);
const branches = Array.from({ length: 500 }, (_, at) => `create refs/heads/many/${at} ${tip}\n`).join('');
git(['update-ref', '--stdin'], branches);

const commands = {
  'node -e 0': ['-e', '0'],
  'wt --help': [wt, '--help'],
  'wt db --help': [wt, 'db', '--help'],
  'Tab for a branch, 500 branches': [wt, '__complete', 'zsh', 'switch', 'many/4'],
};
type Name = keyof typeof commands;
const times = new Map<Name, number[]>();
// In turn, so that whatever else the machine does falls on all alike.
for (let round = 0; round < runs; round += 1)
  for (const [name, args] of Object.entries(commands) as [Name, string[]][]) {
    const began = performance.now();
    const { status } = spawnSync(process.execPath, args, { cwd: repository });
    if (status !== 0) throw new Error(`${name} failed`);
    times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
  }
rmSync(repository, { recursive: true });

const of = (name: Name) => median(times.get(name) ?? []);
report({
  name: 'cli-start',
  method:
    'Whole processes, one after the other in turn: the help, and what a shell waits for after Tab, in a repository with 500 branches, beside `node -e 0`.',
  series: Object.fromEntries([...times].map(([name, all]) => [name, { unit: 'ms' as const, runs: all }])),
  reach: (Object.keys(commands) as Name[])
    .filter((name) => name !== 'node -e 0')
    .map((name) => ({ what: `${name} ÷ node -e 0`, value: of(name) / of('node -e 0'), bound: 1.6 })),
});
