import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
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
  /** Where it is brought up again: the folder of its coppice.yaml. Absent when its branch has no worktree any more. */
  readonly specFolder?: string;
  /** Its name, where that is not the one of its branch. */
  readonly as?: string;
  /** Somebody had stopped it, and it ends stopped. */
  readonly stopped: boolean;
  /** On a server that is not ours: it stays there. */
  readonly managed: boolean;
}

export interface MovedDatabase extends TransferredDatabase {
  /** Its dump; absolute path. */
  readonly file: string;
  /** Restored on the new cluster, and compared. */
  readonly restored: boolean;
}

/**
 * How far a migration got, written after every step.
 * `dumping`: the old cluster is in use, environments are being stopped and dumped. `switching`: every dump is there, the
 * new cluster is being started. `filling`: the new cluster is in use, databases are being restored. `raising`: all of
 * them are there, and environments are being brought up: from here on the old cluster is behind.
 */
export interface Journal {
  readonly from: Movable;
  readonly to: Movable;
  readonly phase: 'dumping' | 'switching' | 'filling' | 'raising';
  readonly environments: readonly MovedEnvironment[];
  readonly databases: readonly MovedDatabase[];
}

/** Holds the journal and the dumps of the migration that is under way; for the user alone. */
export function migrationFolder(): string {
  return join(paths().data, 'migrate');
}

const file = () => join(migrationFolder(), 'journal.json');

export function readJournal(): Promise<Journal | undefined> {
  return readJson<Journal>(file());
}

export async function writeJournal(journal: Journal): Promise<void> {
  await writeJson(file(), journal);
}

/** Ends a migration. */
export async function endJournal(): Promise<void> {
  await rm(file(), { force: true });
}

/** What is in a database by now needs no dump. */
export async function removeDumps(databases: readonly Pick<MovedDatabase, 'file'>[]): Promise<void> {
  await Promise.all(databases.map(({ file: dump }) => rm(dump, { force: true })));
}

/** Where a database is dumped to; `id` is of one migration, so that a dump that was kept is never overwritten. */
export function dumpPath(id: string, database: string): string {
  return join(migrationFolder(), id, `${database}.dump`);
}

/** Which environment a database is of, if any of them. */
export function databaseOfEnvironment<T extends Pick<TransferredDatabase, 'mark'>>(
  { app, slug }: Pick<MovedEnvironment, 'app' | 'slug'>,
  databases: readonly T[],
): T | undefined {
  return databases.find(({ mark }) => mark.app === app && mark.environment === slug);
}
