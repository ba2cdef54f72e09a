import { existsSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { packageRoot } from '../../../../core/package-root.ts';

/** What the timer runs. Nothing of it depends on a shell: node of a version manager is in no PATH but the user's. */
export interface TimerCommand {
  /** Absolute path of node, of `wt`, and the arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where the state of this user is, if not in the usual places. */
const passedOn = ['XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'] as const;

export function timerCommand(
  env: NodeJS.ProcessEnv,
  node = process.execPath,
  root = packageRoot(),
): TimerCommand {
  const own = passedOn.flatMap((name) => {
    const value = env[name];
    return value && isAbsolute(value) ? [[name, value] as const] : [];
  });
  return {
    argv: [node, join(root, 'bin', 'wt'), 'gc', '--all', '--apply', '--scheduled'],
    env: { PATH: pathFor(env, node), ...Object.fromEntries(own) },
  };
}

/** The folders of node and of git, then the usual ones. */
function pathFor(env: NodeJS.ProcessEnv, node: string): string {
  const searched = (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const git = searched.find((folder) => existsSync(join(folder, 'git')));
  const folders = [dirname(node), ...(git ? [git] : []), '/usr/local/bin', '/usr/bin', '/bin'];
  return [...new Set(folders)].join(delimiter);
}
