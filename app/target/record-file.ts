import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../../core/paths.ts';

/** Where a successful `up` of an environment leaves its record. */
export function recordFile(app: string, slug: string, places = paths()): string {
  return join(places.environments, app, `${slug}.json`);
}

/** So that the next `up` checks everything. */
export function forgetRecord(app: string, slug: string, places = paths()): Promise<void> {
  return rm(recordFile(app, slug, places), { force: true });
}
