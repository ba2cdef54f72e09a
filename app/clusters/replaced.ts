import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readState } from '../../core/state/state-file.ts';

/**
 * The cluster that the current state belongs to, recorded before it may go: the record changes before the state is
 * forgotten, so that the next command can finish after a kill in between.
 */
export interface Replaced {
  readonly record: ClusterRecord;
  /** It is being reset, so whatever comes after it is a different one. */
  readonly reset: boolean;
}

const file = () => join(paths().data, 'replaced-cluster.json');

export function readReplaced(): Promise<Replaced | undefined> {
  return readState<Replaced>(file(), {
    what: 'the note of the cluster that is being replaced',
    fields: { record: 'object', reset: 'boolean' },
    afterwards: 'after a reset that was interrupted, run `wt cluster reset` again',
  });
}

export function noteReplaced(replaced: Replaced): Promise<void> {
  return writeJson(file(), replaced);
}

/** Call when the old state has been forgotten. */
export function clearReplaced(): Promise<void> {
  return rm(file(), { force: true });
}

/**
 * Whether the state belongs to a cluster that no longer exists. After a reset every other cluster is a new one.
 * Otherwise only k3d can tell: it has one cluster of a name, and its driver recreates that only once k3d reports that
 * there is none. With other drivers another cluster may answer while the recorded one still exists.
 */
export function isReplaced({ record: before, reset }: Replaced, now: ClusterRecord): boolean {
  if (before.driver !== now.driver || before.uid === now.uid) return false;
  const sameName = before.context === now.context && before.engine === now.engine;
  return reset || (now.driver === 'k3d' && sameName);
}
