import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';

const perPage = 1000;

/** Ids of all schedules of a namespace; none when it does not exist. The server's list lags some tens of milliseconds. */
export async function scheduleIds({ workflow }: Temporal, namespace: string): Promise<string[]> {
  const found: string[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  try {
    do {
      const page = await workflow.listSchedules({ namespace, maximumPageSize: perPage, nextPageToken });
      found.push(...page.schedules.map(({ scheduleId }) => scheduleId ?? ''));
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
  } catch (error) {
    if (isRefusal(error, status.notFound)) return [];
    throw error;
  }
  return found;
}
