import { git } from './command.ts';

/** The remotes of a worktree's repository, each as {@link remoteName} writes it, sorted; none when git does not answer. */
export async function remotesOf(worktree: string): Promise<string[]> {
  const { code, stdout } = await git(worktree, 'config', '-z', '--get-regexp', '^remote\\..*\\.url$');
  if (code !== 0) return [];
  const urls = stdout.split('\0').flatMap((entry) => entry.split('\n').slice(1, 2));
  return [...new Set(urls.map(remoteName))].sort();
}

/**
 * What the addresses of one repository have in common, and no secret: `git@github.com:a/b.git` and
 * `https://token@github.com/a/b` are both `github.com/a/b`. A path stays one, without `.git` at its end.
 *
 * @internal Exported for its test, which passes addresses in.
 */
export function remoteName(url: string): string {
  const path = url.replace(/^file:\/\//, '');
  const web = /^[a-z][a-z+]*:\/\/(?:[^/]*@)?([^/:]+)(?::\d+)?\/+(.*)$/i.exec(path);
  const scp = web ?? /^(?:[^/@]*@)?([^/:]+):(?!\/\/)\/*(.*)$/.exec(path);
  const [, host, rest = ''] = scp ?? [];
  return host === undefined ? trimmed(path) : `${host.toLowerCase()}/${trimmed(rest)}`;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/?\.git$/, '');
}
