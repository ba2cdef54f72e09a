import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isWithin } from '../within.ts';

/** A tree that is copied to another place; both are absolute paths of the top. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * What a symbolic link of one tree says in the copy. Inside the tree it leads to the copy's own file; outside, to the
 * same file as before. `path` is the link's own path below the top.
 */
export function linkInCopy(path: string, target: string, { from, to }: Move): string {
  const [before, after] = [dirname(join(from, path)), dirname(join(to, path))];
  const file = resolve(before, target);
  if (isWithin(file, from)) return isAbsolute(target) ? join(to, relative(from, file)) : target;
  return isAbsolute(target) ? target : relative(after, file);
}
