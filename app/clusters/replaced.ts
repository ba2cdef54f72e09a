import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

/**
 * The cluster that the state here is about, noted before it may go: the record changes before the state is forgotten, and
 * who is killed in between leaves the rest to the next command.
 */
export interface Replaced {
  readonly record: ClusterRecord;
  /** It is being reset, so whatever comes after it is another one. */
  readonly reset: boolean;
}

const file = () => join(paths().data, 'replaced-cluster.json');

export function readReplaced(): Promise<Replaced | undefined> {
  return readJson<Replaced>(file());
}

export function noteReplaced(replaced: Replaced): Promise<void> {
  return writeJson(file(), replaced);
}

/** What had to be forgotten is forgotten. */
export function clearReplaced(): Promise<void> {
  return rm(file(), { force: true });
}

/**
 * Whether the state is about a cluster that is gone: after a reset any other one; else k3d has one cluster of a name, and
 * its driver makes it anew only once k3d says that there is none. Other drivers cannot tell that a cluster is gone, only
 * that another answers.
 */
export function isReplaced({ record: before, reset }: Replaced, now: ClusterRecord): boolean {
  if (before.driver !== now.driver || before.uid === now.uid) return false;
  const sameName = before.context === now.context && before.engine === now.engine;
  return reset || (now.driver === 'k3d' && sameName);
}
