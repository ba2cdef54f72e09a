import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../files.ts';
import { paths } from '../paths.ts';
import { readCache } from './state-file.ts';

/** What tells the repository of an environment from another one that has its path now, or that says it was moved. */
export interface Origin {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  /** `folderMark` of that directory. */
  readonly mark?: string;
  /** `folderMark` of the worktree; `git worktree move` keeps it. */
  readonly worktreeMark?: string;
  /** As `git/remotes.ts` names them. */
  readonly remotes: readonly string[];
  /** Full sha; absent before the first commit, and for a shallow clone. */
  readonly firstCommit?: string;
}

/** An environment by app and slug. */
interface Named {
  readonly app: string;
  readonly slug: string;
}

function file({ app, slug }: Named): string {
  return join(paths().environments, app, `${slug}.origin.json`);
}

export function writeOrigin(name: Named, origin: Origin): Promise<void> {
  return writeJson(file(name), origin);
}

/** Undefined for an environment of an earlier version, and for one that only `pulumi up` by hand created. */
export function readOrigin(name: Named): Promise<Origin | undefined> {
  return readCache<Origin>(file(name), { repository: 'string', remotes: 'array' });
}

export function forgetOrigin(name: Named): Promise<void> {
  return rm(file(name), { force: true });
}
