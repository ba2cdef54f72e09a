import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJson } from '../../state/files.ts';
import { type Paths, paths } from '../../state/paths.ts';

/** One route to ask, so that its service proves that it is up. */
export interface RecordedRoute {
  readonly service: string;
  readonly host: string;
  /** What is asked: the ready path of the service. */
  readonly path: string;
}

/** What a successful `up` leaves for the next one: written last, so it is never more than was reached. */
export interface EnvironmentRecord {
  readonly contentHash: string;
  readonly environmentId: string;
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly branch: string;
  readonly worktree: string;
  readonly commit: string;
  /** Every service, also those without a route. */
  readonly services: readonly { readonly name: string; readonly replicas: number }[];
  readonly routes: readonly RecordedRoute[];
  /** For people, the primary service's first. */
  readonly urls: readonly { readonly service: string; readonly url: string }[];
  /** ISO time. */
  readonly upAt: string;
}

function file(app: string, slug: string, places: Paths): string {
  return join(places.environments, app, `${slug}.json`);
}

export function readRecord(
  app: string,
  slug: string,
  places = paths(),
): Promise<EnvironmentRecord | undefined> {
  return readJson<EnvironmentRecord>(file(app, slug, places));
}

export function writeRecord(record: EnvironmentRecord, places = paths()): Promise<void> {
  return writeJson(file(record.app, record.slug, places), record);
}

export function forgetRecord(app: string, slug: string, places = paths()): Promise<void> {
  return rm(file(app, slug, places), { force: true });
}
