import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { readIfPresent, unlessAbsent } from '../../core/files.ts';
import type { Known } from './known.ts';
import type { Touch } from './touch.ts';

/** A worktree whose signs of activity are looked for. */
export interface Looked {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** Absolute path of git's own folder for it. */
  readonly gitFolder: string;
  /** Paths below the top of files with changes that no commit has. */
  readonly changed: readonly string[];
}

/** So many changed files are looked at: with more of them the worktree stays anyway. */
const mostFiles = 5000;

/**
 * When a worktree was touched, as docs/worktrees.md defines it: the reflog of its HEAD (commits, checkouts, rebases), its
 * index, its changed and new files, and the verbs of `wt` that work with it. No process, and what git ignores does not
 * count.
 */
export async function touchesOf({ path, gitFolder, changed }: Looked): Promise<Known<readonly Touch[]>> {
  try {
    const found = await Promise.all([
      changedAt(join(gitFolder, 'index'), 'git'),
      inReflog(join(gitFolder, 'logs', 'HEAD')),
      changedAt(markIn(gitFolder), 'wt'),
      ...changed.slice(0, mostFiles).map((file) => changedAt(join(path, file), 'files')),
    ]);
    return { value: found.flat() };
  } catch (error) {
    return { unknown: messageOf(error) };
  }
}

/** The newest entry, and the first one: when the worktree was created. */
async function inReflog(file: string): Promise<Touch[]> {
  const lines = ((await readIfPresent(file)) ?? '').split('\n').filter((line) => line !== '');
  const entries = lines.flatMap((line) => touchIn(line) ?? []);
  const [first] = entries;
  const last = entries.reduce<Touch | undefined>(
    (newest, one) => (newest === undefined || one.at >= newest.at ? one : newest),
    undefined,
  );
  return [
    ...(first ? [{ by: 'created', at: first.at } as const] : []),
    ...(last && lines.length > 1 ? [last] : []),
  ];
}

/** Of `<old> <new> Name <mail> <seconds> <zone>\t<message>`. */
function touchIn(line: string): Touch | undefined {
  const [, seconds, message = ''] = /> (\d+) [+-]\d{4}(?:\t(.*))?$/.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  return { by: message.startsWith('commit') ? 'commit' : 'git', at: Number(seconds) * 1000 };
}

async function changedAt(file: string, by: Touch['by']): Promise<Touch[]> {
  const found = await unlessAbsent(lstat(file));
  return found === undefined ? [] : [{ by, at: found.mtimeMs }];
}

/** The file whose time is when a verb of `wt` was last used with the worktree. */
export function markIn(gitFolder: string): string {
  return join(gitFolder, 'coppice', 'touched');
}
