import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ShellName } from '../../app/shell/shells.ts';
import type { Home } from './harness.ts';

/** A shell as tests start it. */
export interface TestShell {
  readonly name: ShellName;
  /** Absolute path. */
  readonly path: string;
  /** What it needs where it was unpacked and not installed. */
  readonly env: NodeJS.ProcessEnv;
  /** A line that the rc file of zsh begins with. */
  readonly prelude: string;
}

/** Debian's packages, which `npm test` unpacks before it starts this suite. */
const unpacked =
  process.env.COPPICE_TEST_SHELLS ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'coppice', 'test', 'shells');

/** Undefined where this machine has no such shell. */
function testShell(name: ShellName): TestShell | undefined {
  const own = { zsh: join(unpacked, 'bin', 'zsh'), fish: join(unpacked, 'usr', 'bin', 'fish') };
  if (name !== 'bash' && existsSync(own[name]))
    return { name, path: own[name], env: libraries(), prelude: name === 'zsh' ? zshPlaces() : '' };
  const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? { name, path: stdout.trim(), env: {}, prelude: '' } : undefined;
}

function libraries(): NodeJS.ProcessEnv {
  const folder = join(unpacked, 'usr', 'lib');
  const platform = readdirSync(folder).find((one) => one.endsWith('-linux-gnu'));
  return { LD_LIBRARY_PATH: join(folder, platform ?? '') };
}

/** Where an unpacked zsh finds its modules and functions. */
function zshPlaces(): string {
  const { LD_LIBRARY_PATH = '' } = libraries();
  const modules = join(LD_LIBRARY_PATH, 'zsh');
  const version = readdirSync(modules)[0] ?? '';
  const functions = join(unpacked, 'usr', 'share', 'zsh', 'functions');
  return `module_path=('${join(modules, version)}'); fpath=('${functions}' '${functions}'/**/*(N/))`;
}

/** Those of bash, zsh and fish that are here. */
export const testShells: readonly TestShell[] = (['bash', 'zsh', 'fish'] as const).flatMap(
  (name) => testShell(name) ?? [],
);

/** The folder of a real fzf: that of Debian, unpacked, or this machine's; undefined without one. */
export function fzfFolder(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(process.env.COPPICE_TEST_FZF ?? join(cache, 'coppice', 'test', 'fzf'), 'usr', 'bin');
  if (existsSync(join(folder, 'fzf'))) return folder;
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v fzf'], { encoding: 'utf8' });
  return status === 0 ? dirname(stdout.trim()) : undefined;
}

/** The prompt of every interactive shell in tests. */
export const prompt = 'READY>';

/** The command that starts it interactively with these lines in its rc file, which is made in that home. */
export function interactive(
  { name, path, prelude }: TestShell,
  home: Home,
  lines: readonly string[],
): string {
  const folder = join(home.folder, `${name}-rc`);
  mkdirSync(folder, { recursive: true });
  if (name === 'bash') {
    writeFileSync(join(folder, 'rc'), [`PS1='${prompt}'`, ...lines, ''].join('\n'));
    return `'${path}' --noprofile --rcfile '${join(folder, 'rc')}' -i`;
  }
  if (name === 'zsh') {
    writeFileSync(join(folder, '.zshenv'), `${prelude}\n`);
    const rc = [
      `PS1='${prompt}'`,
      'setopt no_beep no_prompt_sp no_prompt_cr',
      'autoload -Uz compinit; compinit -u -D',
    ];
    writeFileSync(join(folder, '.zshrc'), [...rc, ...lines, ''].join('\n'));
    return `env ZDOTDIR='${folder}' '${path}' -di`;
  }
  const config = join(home.folder, '.config', 'fish');
  mkdirSync(config, { recursive: true });
  const functions = [
    `function fish_prompt; echo -n '${prompt}'; end`,
    'set -g fish_greeting',
    'set -g fish_features no-query-term',
  ];
  writeFileSync(join(config, 'config.fish'), [...functions, ...lines, ''].join('\n'));
  return `'${path}' -i`;
}

/** Runs lines without a terminal, and returns what they print. */
export function script(
  { name, path, env, prelude }: TestShell,
  lines: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const quiet = { bash: ['--noprofile', '--norc'], zsh: ['-f'], fish: ['--no-config'] };
  const text = [prelude, ...lines].filter((line) => line !== '').join('\n');
  const { status, stdout, stderr } = spawnSync(path, [...quiet[name], '-c', text], {
    cwd: where.cwd,
    env: { ...process.env, ...where.env, ...env },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
