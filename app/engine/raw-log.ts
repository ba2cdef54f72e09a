import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, paths } from '../../core/paths.ts';
import type { StackName } from './backend-files.ts';

const KEPT_RUNS = 30;

export interface RawLog {
  /** Every event of the engine, one JSON document a line. */
  readonly events: string;
  /** What the engine process itself printed. */
  readonly output: string;
}

/** Names a run's files in the logs folder, and removes those of the oldest runs. */
export async function openRawLog(
  verb: string,
  { project, stack }: StackName,
  places: Paths = paths(),
): Promise<RawLog> {
  await mkdir(places.logs, { recursive: true, mode: 0o700 });
  const runs = (await readdir(places.logs)).filter((file) => file.startsWith('engine-')).sort();
  await Promise.all(
    runs
      .slice(0, Math.max(0, runs.length - 2 * KEPT_RUNS))
      .map((file) => rm(join(places.logs, file), { force: true })),
  );
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const base = join(places.logs, `engine-${time}-${verb}-${project}-${stack}-${process.pid}`);
  return { events: `${base}.events.jsonl`, output: `${base}.output.txt` };
}
