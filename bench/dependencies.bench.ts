import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDependencies } from '../app/worktrees/dependencies/prepare.ts';
import { outcomeOf } from '../core/run.ts';
import { testPorts } from '../test/unit/app/ports.ts';
import { median, report, timed } from './measure.ts';

/** About 400 MB of what a web application installs, from the public registry. */
const dependencies = {
  ...{ next: '15.1.3', react: '19.0.0', 'react-dom': '19.0.0', webpack: '5.97.1', eslint: '9.17.0' },
  ...{ jest: '29.7.0', '@babel/preset-env': '7.26.0', vite: '6.0.6', prettier: '3.4.2', express: '4.21.2' },
  ...{
    '@mui/material': '6.3.0',
    '@emotion/react': '11.14.0',
    '@emotion/styled': '11.14.0',
    lodash: '4.17.21',
  },
};
const runs = Number(process.env.COPPICE_BENCH_RUNS ?? 5);
const disk = { ext4: 'no blocks shared', xfs: 'blocks shared' } as const;
type FileSystem = keyof typeof disk;

const work = mkdtempSync(join(tmpdir(), 'coppice-dependencies-'));
const series: Record<string, { unit: 'ms' | 's'; runs: number[] }> = {};
const details: Record<string, unknown> = { load: [loadavg()[0]] };
const add = (name: string, unit: 'ms' | 's', value: number) => {
  series[name] ??= { unit, runs: [] };
  series[name].runs.push(value);
};
try {
  for (const fileSystem of Object.keys(disk) as FileSystem[]) await measure(fileSystem);
} finally {
  rmSync(work, { recursive: true, force: true });
}
details.loadAfter = loadavg()[0];

const ratio = (fileSystem: FileSystem) =>
  median(series[`copy, ${fileSystem}`]?.runs ?? []) /
  median(series[`npm ci --offline, ${fileSystem}`]?.runs ?? []);
report({
  name: 'dependencies',
  method:
    'prepareDependencies into a new worktree whose package-lock.json has the same bytes, against `npm ci --offline` in another new worktree, alternating, on file systems of their own in loop images, synced in between; CPU seconds of both, with those of their children.',
  series,
  reach: [
    { what: 'copy with reflink / npm ci --offline', value: ratio('xfs'), bound: 0.1 },
    { what: 'copy without reflink / npm ci --offline', value: ratio('ext4'), bound: 0.3 },
  ],
  details,
});

async function measure(fileSystem: FileSystem): Promise<void> {
  const place = join(work, fileSystem);
  const image = `${place}.img`;
  mkdirSync(place);
  execFileSync('truncate', ['-s', '8G', image]);
  execFileSync(`mkfs.${fileSystem}`, ['-q', image], { stdio: 'ignore' });
  execFileSync('mount', ['-o', 'loop', image, place]);
  try {
    const main = join(place, 'main');
    mkdirSync(main);
    writeFileSync(join(main, 'package.json'), JSON.stringify({ name: 'bench', private: true, dependencies }));
    writeFileSync(join(main, '.gitignore'), 'node_modules\n');
    git(main, 'init', '-q');
    await npm(main, 'install', '--prefer-offline');
    // What was there already has put nothing into npm's cache.
    await npm(main, 'ci', '--prefer-offline');
    git(main, 'add', '.');
    git(main, '-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', 'commit', '-q', '-m', 'Begin');
    for (let run = 0; run < runs; run++) {
      const [copied, installed] = [join(place, `copy-${run}`), join(place, `npm-${run}`)];
      for (const path of [copied, installed]) git(main, 'worktree', 'add', '-q', '--detach', path);
      execFileSync('sync');
      const before = process.cpuUsage();
      const time = await timed(async () => {
        const { prepared, unprepared } = await prepareDependencies(
          { candidates: [main], to: copied },
          testPorts(),
        );
        if (prepared[0] === undefined) throw new Error(JSON.stringify(unprepared));
        const { files, bytes, how } = prepared[0];
        details[fileSystem] = { files, bytes, how };
      });
      const { user, system } = process.cpuUsage(before);
      add(`copy, ${fileSystem}`, 'ms', time);
      add(`copy, ${fileSystem}, CPU`, 's', (user + system) / 1e6);
      execFileSync('sync');
      const { real, cpu } = await npm(installed, 'ci', '--offline');
      add(`npm ci --offline, ${fileSystem}`, 'ms', real * 1000);
      add(`npm ci --offline, ${fileSystem}, CPU`, 's', cpu);
      for (const path of [copied, installed]) rmSync(path, { recursive: true });
      git(main, 'worktree', 'prune');
      execFileSync('sync');
    }
  } finally {
    execFileSync('umount', [place]);
    rmSync(image);
  }
}

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
}

/** Wall and CPU seconds of npm and its children. */
async function npm(folder: string, ...args: string[]): Promise<{ real: number; cpu: number }> {
  const command = `TIMEFORMAT='%R %U %S'; time npm ${args.join(' ')} --no-audit --no-fund --ignore-scripts >/dev/null`;
  const { code, stderr } = await outcomeOf('bash', ['-c', command], { cwd: folder });
  if (code !== 0) throw new Error(stderr);
  const [real = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { real, cpu: user + system };
}
