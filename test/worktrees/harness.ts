import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommandOptions, type CommandResult, type RunningCommand, startWt, wt } from '../e2e/harness.ts';
import { removeFolder } from '../remove-folder.ts';

/** A person's home with no configuration but this one's, and repositories in it. */
export class Home {
  /** Real path; all is below it, and `remove` deletes it. */
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-worktrees-')));
  readonly env: NodeJS.ProcessEnv = {
    HOME: this.folder,
    XDG_DATA_HOME: join(this.folder, '.data'),
    XDG_CONFIG_HOME: join(this.folder, '.config'),
    XDG_CACHE_HOME: join(this.folder, '.cache'),
    GIT_CONFIG_GLOBAL: join(this.folder, '.gitconfig'),
    GIT_CONFIG_SYSTEM: '/dev/null',
  };

  constructor() {
    const lines = [
      '[user]\n\tname = A Person\n\temail = person@example.com',
      '[init]\n\tdefaultBranch = main',
      '[protocol "file"]\n\tallow = always',
      '[advice]\n\tdetachedHead = false',
    ];
    writeFileSync(join(this.folder, '.gitconfig'), `${lines.join('\n')}\n`);
  }

  /** A repository with one commit on `main`, at a path below the home. */
  repository(path = 'shop'): string {
    const top = join(this.folder, path);
    mkdirSync(top, { recursive: true });
    this.git(top, 'init', '-q');
    this.commit(top, { 'README.md': '# Shop\n' }, 'Begin');
    return top;
  }

  git(folder: string, ...args: string[]): string {
    return execFileSync('git', ['-C', folder, ...args], {
      env: { ...process.env, ...this.env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  write(folder: string, files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }

  /** Commits files and returns the full sha. */
  commit(folder: string, files: Readonly<Record<string, string>>, subject: string): string {
    this.write(folder, files);
    this.git(folder, 'add', '--', ...Object.keys(files));
    this.git(folder, 'commit', '-q', '-m', subject);
    return this.git(folder, 'rev-parse', 'HEAD');
  }

  wt(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
    return wt(args, this.options(cwd, env));
  }

  startWt(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
    return startWt(args, this.options(cwd, env));
  }

  remove(): void {
    removeFolder(this.folder);
  }

  private options(cwd: string, env: NodeJS.ProcessEnv): CommandOptions {
    return { cwd, env: { ...this.env, ...env } };
  }
}
