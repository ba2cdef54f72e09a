import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandRun, ourWt, runCommand, worktrunk } from './command.ts';
import { median, report } from './measure.ts';

/** `wt list` beside worktrunk's, in turns on one repository whose cluster is down. */

const runs = 11;
const peer = worktrunk();

const home = mkdtempSync(join(tmpdir(), 'coppice-bench-list-'));
const top = join(home, 'repository');
const env: NodeJS.ProcessEnv = {
  ...process.env,
  HOME: home,
  XDG_DATA_HOME: join(home, 'data'),
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_CACHE_HOME: join(home, 'cache'),
  GIT_CONFIG_GLOBAL: join(home, 'gitconfig'),
  GIT_CONFIG_SYSTEM: '/dev/null',
  NO_COLOR: '1',
};
const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { env, encoding: 'utf8' }).trim();

/** 50 worktrees and 500 branches, 200 files, some of them changed; every worktree has a commit of its own. */
function makeRepository(): void {
  writeFileSync(
    join(home, 'gitconfig'),
    '[user]\n\tname = a\n\temail = a@b\n[init]\n\tdefaultBranch = main\n',
  );
  mkdirSync(top, { recursive: true });
  git(top, 'init', '-q');
  for (let file = 0; file < 200; file++) {
    mkdirSync(join(top, `d${file % 10}`), { recursive: true });
    writeFileSync(join(top, `d${file % 10}`, `f${file}`), `${file}\n`);
  }
  git(top, 'add', '.');
  for (let commit = 0; commit < 30; commit++) git(top, 'commit', '-q', '--allow-empty', '-m', `c${commit}`);
  const commits = git(top, 'rev-list', 'main').split('\n');
  const branches = Array.from({ length: 450 }, (_, at) => `create refs/heads/b${at} ${commits[at % 20]}`);
  execFileSync('git', ['-C', top, 'update-ref', '--stdin'], { env, input: `${branches.join('\n')}\n` });
  for (let at = 1; at < 50; at++) {
    const folder = join(home, `w${at}`);
    git(top, 'worktree', 'add', '-q', '-b', `w${at}`, folder, `main~${at % 15}`);
    git(folder, 'commit', '-q', '--allow-empty', '-m', `w${at}`);
    if (at % 5 === 0) writeFileSync(join(folder, 'd1', 'f1'), 'changed\n');
  }
}

/** The record of a cluster behind a port that nobody listens on. */
function clusterDown(): void {
  const data = join(home, 'data', 'coppice');
  mkdirSync(data, { recursive: true });
  const kubeconfig = join(data, 'kubeconfig.json');
  const user = { 'client-certificate-data': '', 'client-key-data': '' };
  const config = {
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9', 'certificate-authority-data': '' } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const record = {
    driver: 'existing',
    kubeconfig,
    context: 'c',
    uid: 'u',
    http: { port: 80 },
    ingress: 'load-balancer',
    images: {},
  };
  writeFileSync(join(data, 'cluster.json'), JSON.stringify(record));
}

const whole = (...command: string[]) => runCommand(command, top, env);

/** Milliseconds until a terminal has the first line of a table. */
function firstPaint(...command: string[]): Promise<number> {
  const words = command.map((word) => `'${word}'`).join(' ');
  const began = performance.now();
  const child = spawn('script', ['-qefc', `stty cols 200 rows 70; exec ${words}`, '/dev/null'], {
    cwd: top,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    let painted: number | undefined;
    child.stdout.on('data', (more: Buffer) => {
      text += more.toString('utf8');
      if (text.includes('w49')) painted ??= performance.now() - began;
    });
    child.once('close', () => (painted === undefined ? reject(new Error(text)) : resolve(painted)));
  });
}

try {
  makeRepository();
  clusterDown();
  // Both keep what they counted.
  await whole(...ourWt, 'list');
  await whole(peer, 'list');
  const ours: CommandRun[] = [];
  const theirs: CommandRun[] = [];
  const node: CommandRun[] = [];
  const terminal: number[] = [];
  const paint: number[] = [];
  const theirPaint: number[] = [];
  for (let index = 0; index < runs; index++) {
    ours.push(await whole(...ourWt, 'list'));
    theirs.push(await whole(peer, 'list'));
    node.push(await whole(process.execPath, '-e', '0'));
    terminal.push(await firstPaint('echo', 'w49'));
    paint.push(await firstPaint(...ourWt, 'list'));
    theirPaint.push(await firstPaint(peer, 'list'));
  }
  const milliseconds = (all: readonly CommandRun[]) => all.map((one) => one.milliseconds);
  const cpu = (all: readonly CommandRun[]) => all.map((one) => one.cpuSeconds);
  report({
    name: 'list',
    method:
      'A whole `wt list` without a terminal in a repository with 50 worktrees, 500 branches and 200 files, whose cluster does not answer, beside `wt list` of worktrunk 0.67.0 in the same repository, in turns, both after one run that filled their caches; CPU seconds are those of the process and its children. First paint: until a pseudo-terminal of `script` has the first table, less what `script` with `echo` takes.',
    series: {
      'wt list': { unit: 'ms', runs: milliseconds(ours) },
      'worktrunk list': { unit: 'ms', runs: milliseconds(theirs) },
      'node -e 0': { unit: 'ms', runs: milliseconds(node) },
      'wt list, CPU': { unit: 's', runs: cpu(ours) },
      'worktrunk list, CPU': { unit: 's', runs: cpu(theirs) },
      'a terminal alone': { unit: 'ms', runs: terminal },
      'wt list, first paint': { unit: 'ms', runs: paint },
      'worktrunk list, first paint': { unit: 'ms', runs: theirPaint },
    },
    reach: [
      { what: 'first paint, milliseconds', value: median(paint) - median(terminal), bound: 120 },
      {
        what: 'whole, against worktrunk',
        value: median(milliseconds(ours)) / median(milliseconds(theirs)),
        bound: 1,
      },
      { what: 'CPU, against worktrunk', value: median(cpu(ours)) / median(cpu(theirs)), bound: 1 },
    ],
  });
} finally {
  rmSync(home, { recursive: true, force: true });
}
