import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TestRepository {
  /** Its own folder, deleted by `remove`. */
  readonly folder: string;
  /** The repository in it, without a commit. */
  readonly top: string;
  git(...args: string[]): string;
  gitIn(folder: string, ...args: string[]): string;
  /** Commits a file whose text is its own name. */
  commit(file: string): string;
  remove(): void;
}

/** A real repository that no configuration of the machine affects. */
export function makeRepository(): TestRepository {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-git-')));
  const top = join(folder, 'shop');
  mkdirSync(top);
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
    GIT_CONFIG_SYSTEM: '/dev/null',
  };
  const identity =
    '[user]\n\tname = A Person\n\temail = person@example.com\n[protocol "file"]\n\tallow = always\n';
  writeFileSync(
    env.GIT_CONFIG_GLOBAL,
    `${identity}[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n`,
  );
  const gitIn = (where: string, ...args: string[]) =>
    execFileSync('git', ['-C', where, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const git = (...args: string[]) => gitIn(top, ...args);
  git('init', '-q');
  const commit = (file: string) => {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), file);
    git('add', file);
    git('commit', '-q', '-m', `Add ${file}`);
    return git('rev-parse', 'HEAD');
  };
  return { folder, top, git, gitIn, commit, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
