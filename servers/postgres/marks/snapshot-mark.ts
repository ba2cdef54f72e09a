import type { Mark } from '../types.ts';
import type { CloneMark } from './state.ts';

export type SnapshotMark = Extract<Mark, { kind: 'snapshot' }>;

const keptMilliseconds = 72 * 60 * 60 * 1000;

/** Until when `wt db undo` can bring back what was set aside at `moment`. */
export function keptUntil(moment: string): Date {
  return new Date(Date.parse(moment) + keptMilliseconds);
}

/** Snapshots that a user took are kept until they are removed. */
export function isExpired(mark: SnapshotMark, now: Date): boolean {
  return mark.reason !== 'asked' && keptUntil(mark.takenAt) < now;
}

/** The mark of a new snapshot of a clone. Without a name, its name is built from reason and time. */
export function snapshotMark(
  clone: CloneMark,
  snapshot: Pick<SnapshotMark, 'of' | 'reason'> & { readonly name?: string },
  now: Date,
): SnapshotMark {
  const { app, environment, repository, branch, worktree, template, migrations, strategy } = clone;
  const takenAt = now.toISOString();
  const {
    of,
    reason,
    name = `${reason}-${takenAt.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`,
  } = snapshot;
  return {
    coppice: 1,
    kind: 'snapshot',
    of,
    name,
    reason,
    takenAt,
    template,
    migrations,
    strategy,
    app,
    environment,
    repository,
    branch,
    worktree,
  };
}

/** The mark of a clone that was created from a snapshot, or of a snapshot that was brought back. */
export function cloneMark(
  snapshot: SnapshotMark,
  made: Pick<CloneMark, 'strategy' | 'milliseconds'>,
  now: Date,
): CloneMark {
  const { app, environment, repository, branch, worktree, template, migrations, name } = snapshot;
  return {
    coppice: 1,
    kind: 'clone',
    template,
    migrations,
    ...made,
    createdAt: now.toISOString(),
    origin: { kind: 'snapshot', name },
    app,
    environment,
    repository,
    branch,
    worktree,
  };
}
