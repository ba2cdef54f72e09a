import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import type { StoredLine } from '../../servers/telemetry/logs.ts';

/** Milliseconds that a quick look waits for the store. */
const PATIENCE_MS = 1_500;

/**
 * The newest line that names an error, from the log store. Undefined without one, without a store, and where it does not
 * answer at once: who only wants an overview does not wait for it.
 */
export async function newestError(namespace: string, since: Date): Promise<StoredLine | undefined> {
  try {
    const [parts, record] = await Promise.all([readPlatformParts(), readClusterRecord()]);
    if (parts.logs === undefined || record === undefined) return undefined;
    const [{ askThroughApi }, { readStoredLines }] = await Promise.all([
      import('../../servers/telemetry/reach.ts'),
      import('../../servers/telemetry/logs.ts'),
    ]);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const filter = { namespace, from: since, level: 'error' } as const;
    const [line] = await readStoredLines(await askThroughApi(record, 'logs'), filter, { lines: 1 }, signal);
    return line;
  } catch {
    return undefined;
  }
}
