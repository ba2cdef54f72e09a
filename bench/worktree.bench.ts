import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Home } from '../test/worktrees/harness.ts';
import { type CommandRun, ourWt, runCommand, worktrunk } from './command.ts';
import { median, report } from './measure.ts';

const runs = 15;
const files = 2000;
const peer = worktrunk();

const home = new Home();
const top = home.repository();
const texts = Array.from({ length: files }, (_, at) => [
  `src/part-${at % 50}/file-${at}.ts`,
  `export const value = ${at};\n`.repeat(40),
]);
home.commit(top, Object.fromEntries(texts), 'Add files');
const run = (...command: string[]) => runCommand(command, top, home.env);

const series = {
  'wt create --no-up': [] as CommandRun[],
  'git worktree add': [] as CommandRun[],
  'worktrunk switch --create': [] as CommandRun[],
  'wt delete': [] as CommandRun[],
  'worktrunk remove': [] as CommandRun[],
  'node -e 0': [] as CommandRun[],
};

/** In turn, so that a busy moment of the machine is everybody's. */
for (let round = 0; round < runs; round++) {
  series['node -e 0'].push(await run(process.execPath, '-e', '0'));
  series['wt create --no-up'].push(await run(...ourWt, 'create', `ours-${round}`, '--no-up', '--yes'));
  const place = join(home.folder, `git-${round}`);
  series['git worktree add'].push(await run('git', 'worktree', 'add', '-b', `git-${round}`, place));
  series['worktrunk switch --create'].push(
    await run(peer, '--yes', 'switch', '--create', `theirs-${round}`, '--no-cd'),
  );
  series['wt delete'].push(await run(...ourWt, 'delete', `ours-${round}`));
  series['worktrunk remove'].push(await run(peer, '--yes', 'remove', `theirs-${round}`));
  if (home.git(top, 'branch', '--list', `ours-${round}`, `theirs-${round}`) !== '')
    throw new Error('a branch was not deleted');
  if (!existsSync(place)) throw new Error(`git made no worktree at ${place}`);
  home.git(top, 'worktree', 'remove', place);
}
home.remove();

const of = (name: keyof typeof series, key: 'milliseconds' | 'cpuSeconds') =>
  series[name].map((one) => one[key]);
const wall = (name: keyof typeof series) => median(of(name, 'milliseconds'));
const names = Object.keys(series) as (keyof typeof series)[];

report({
  name: 'worktree',
  method: `Worktrees of ${files} files are created and deleted in turn, in a repository without a spec, by \`wt\`, git and worktrunk 0.67.0. A deletion is over when the command returns.`,
  series: Object.fromEntries(
    names.flatMap((name) => [
      [name, { unit: 'ms' as const, runs: of(name, 'milliseconds') }],
      [`${name}, CPU`, { unit: 's' as const, runs: of(name, 'cpuSeconds') }],
    ]),
  ),
  reach: [
    {
      what: 'create ÷ (git worktree add + node)',
      value: wall('wt create --no-up') / (wall('git worktree add') + wall('node -e 0')),
      bound: 1.2,
    },
    {
      what: 'delete ÷ worktrunk remove',
      value: wall('wt delete') / wall('worktrunk remove'),
      bound: 1.2,
    },
  ],
});
