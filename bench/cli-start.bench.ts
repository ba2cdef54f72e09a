import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ourWt, runCommand } from './command.ts';
import { median, report } from './measure.ts';

const runs = 41;
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
  'node -e 0': [process.execPath, '-e', '0'],
  'wt --help': [...ourWt, '--help'],
  'wt db --help': [...ourWt, 'db', '--help'],
  'Tab for a branch, 500 branches': [...ourWt, '__complete', 'zsh', 'switch', 'many/4'],
  'wt, where one is': [...ourWt],
};
type Name = keyof typeof commands;
const times = new Map<Name, number[]>();
// In turn, so that whatever else the machine does falls on all alike.
for (let round = 0; round < runs; round += 1)
  for (const [name, command] of Object.entries(commands) as [Name, string[]][]) {
    const { milliseconds } = await runCommand(command, repository, {});
    times.set(name, [...(times.get(name) ?? []), milliseconds]);
  }
rmSync(repository, { recursive: true });

const of = (name: Name) => median(times.get(name) ?? []);
report({
  name: 'cli-start',
  method:
    'Whole processes, one after the other in turn: the help, what a shell waits for after Tab, and `wt` without a verb, in a repository with 500 branches, beside `node -e 0`; bash starts and times each.',
  series: Object.fromEntries([...times].map(([name, all]) => [name, { unit: 'ms' as const, runs: all }])),
  reach: (Object.keys(commands) as Name[])
    .filter((name) => name !== 'node -e 0')
    .map((name) => ({
      what: `${name} ÷ node -e 0`,
      value: of(name) / of('node -e 0'),
      bound: name === 'wt, where one is' ? 2 : 1.6,
    })),
});
