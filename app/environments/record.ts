import { stat, utimes } from 'node:fs/promises';
import type { WatchedFiles } from '../../config/files/database.ts';
import { writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import { readCache } from '../../core/state/state-file.ts';
import type { ReadyInputs } from '../../resources/ready/contract.ts';
import { recordFile } from '../target/record-file.ts';
import type { KeptNamespace } from '../workflows/presence.ts';
import type { EnvironmentUrl } from './routes.ts';

/** What a successful `up` records for the next one: written last, so it never claims more than was reached. */
export interface EnvironmentRecord {
  readonly contentHash: string;
  readonly app: string;
  readonly slug: string;
  readonly branch: string;
  readonly worktree: string;
  readonly commit: string;
  /** The team's own program created it: only the engine knows what that would change now. */
  readonly ownProgram: boolean;
  /** Files beside coppice.yaml whose content is part of the hash. */
  readonly watched?: WatchedFiles;
  /** Absolute path of its coppice.yaml; absent in the record of an older coppice. */
  readonly specFile?: string;
  /** Digests by `contentParts`; absent in the record of an older coppice. */
  readonly content?: Readonly<Record<string, string>>;
  /** What was ready: every service, every route with its path for requests, and the id that each answer must carry. */
  readonly ready: ReadyInputs;
  /** Its Temporal namespace, if it can be queried over HTTP on this machine. */
  readonly temporal?: KeptNamespace;
  /** For people, the primary service's first. */
  readonly urls: readonly EnvironmentUrl[];
  /** ISO time. */
  readonly upAt: string;
}

export function readRecord(
  app: string,
  slug: string,
  places = paths(),
): Promise<EnvironmentRecord | undefined> {
  // It only spares the next `up` the engine: what exists is in the stack.
  return readCache<EnvironmentRecord>(recordFile(app, slug, places), {
    contentHash: 'string?',
    ready: 'object?',
  });
}

export function writeRecord(record: EnvironmentRecord, places = paths()): Promise<void> {
  return writeJson(recordFile(record.app, record.slug, places), record);
}

/**
 * Notes an `up` that found everything as the record says. It is the file's own time: another `up` may write the record at
 * this moment, and must not lose to one that changed nothing. Never fails.
 */
export async function markConfirmed({ app, slug }: EnvironmentRecord, places = paths()): Promise<void> {
  const now = new Date();
  await utimes(recordFile(app, slug, places), now, now).catch(() => {});
}

/** When the last `up` succeeded, also one that changed nothing. */
export async function lastUpAt({ app, slug, upAt }: EnvironmentRecord, places = paths()): Promise<Date> {
  const changed = new Date(upAt);
  const confirmed = await stat(recordFile(app, slug, places)).catch(() => undefined);
  return confirmed !== undefined && confirmed.mtime > changed ? confirmed.mtime : changed;
}
