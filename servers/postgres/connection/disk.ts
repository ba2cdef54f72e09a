import type { Server } from './server.ts';

/** Usage of the file system with the data folder, in bytes. */
export interface DiskUse {
  readonly total: number;
  readonly used: number;
  readonly free: number;
}

/** Runs `df` in the data folder. Undefined where there is no `df`, or the login is not a superuser. */
export async function diskUse(server: Server): Promise<DiskUse | undefined> {
  try {
    await server.query(`BEGIN; CREATE TEMP TABLE coppice_df (line text) ON COMMIT DROP;
                        COPY coppice_df FROM PROGRAM 'df -kP .'`);
    const rows = await server.query<{ line: string }>('SELECT line FROM coppice_df');
    return parseDiskUse(rows.map(({ line }) => line));
  } catch {
    return undefined;
  } finally {
    await server.query('ROLLBACK');
  }
}

/**
 * The two lines of `df -kP`: a heading, then file system, total, used and free in KiB, percent, folder.
 *
 * @internal Its test gives it what programs print, without running them.
 */
export function parseDiskUse(lines: readonly string[]): DiskUse | undefined {
  const numbers = /\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s/.exec(lines.at(-1) ?? '');
  if (!numbers) return undefined;
  const [total = 0, used = 0, free = 0] = numbers.slice(1).map((kibibytes) => Number(kibibytes) * 1024);
  return { total, used, free };
}
