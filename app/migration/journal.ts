import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import { readState } from '../../core/state/state-file.ts';
import type { TransferredDatabase } from '../../servers/postgres/transfer.ts';

/** The drivers between which environments can move: those whose clusters are ours. */
export const movable = ['embedded', 'k3d'] as const;
export type Movable = (typeof movable)[number];

/** An environment on its way to another cluster. */
export interface MovedEnvironment {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly branch: string;
  /** Where it is brought up again: the folder of its coppice.yaml. Absent when its branch no longer has a worktree. */
  readonly specFolder?: string;
  /** Its name, if that is not from its branch. */
  readonly as?: string;
  /** It was stopped before, and ends stopped. */
  readonly stopped: boolean;
  /** On a managed server: it stays there. */
  readonly managed: boolean;
}

export interface MovedDatabase extends TransferredDatabase {
  /** Its dump; absolute path. */
  readonly file: string;
  /** Restored on the new cluster, and compared. */
  readonly restored: boolean;
}

/**
 * How far a migration got, written after every step. `dumping`: the old cluster is in use, environments are being
 * stopped and dumped. `switching`: every dump exists, the new cluster is being started. `filling`: the new cluster is
 * in use, databases are being restored. `raising`: all databases are restored, and environments are being brought up:
 * from here on the old cluster is outdated.
 */
export interface Journal {
  readonly from: Movable;
  readonly to: Movable;
  readonly phase: 'dumping' | 'switching' | 'filling' | 'raising';
  readonly environments: readonly MovedEnvironment[];
  readonly databases: readonly MovedDatabase[];
}

/** Holds the journal and the dumps of the current migration; readable for the user alone. */
export function migrationFolder(): string {
  return join(paths().data, 'migrate');
}

const file = () => join(migrationFolder(), 'journal.json');

export function readJournal(): Promise<Journal | undefined> {
  return readState<Journal>(file(), {
    what: 'the journal of a migration',
    fields: { from: 'string', to: 'string', phase: 'string', environments: 'array', databases: 'array' },
    afterwards: `the dumps of the migration stay in ${migrationFolder()}`,
  });
}

export async function writeJournal(journal: Journal): Promise<void> {
  await writeJson(file(), journal);
}

/** Ends a migration. */
export async function endJournal(): Promise<void> {
  await rm(file(), { force: true });
}

/** A restored database no longer needs its dump. */
export async function removeDumps(databases: readonly Pick<MovedDatabase, 'file'>[]): Promise<void> {
  await Promise.all(databases.map(({ file: dump }) => rm(dump, { force: true })));
}

/** Path of a database's dump; `id` belongs to one migration, so that a kept dump is never overwritten. */
export function dumpPath(id: string, database: string): string {
  return join(migrationFolder(), id, `${database}.dump`);
}

/** The environment that a database belongs to, if any. */
export function databaseOfEnvironment<T extends Pick<TransferredDatabase, 'mark'>>(
  { app, slug }: Pick<MovedEnvironment, 'app' | 'slug'>,
  databases: readonly T[],
): T | undefined {
  return databases.find(({ mark }) => mark.app === app && mark.environment === slug);
}
