import type { temporal as proto } from '@temporalio/proto';
import type { Temporal } from '../types.ts';

export type Execution = proto.api.workflow.v1.IWorkflowExecutionInfo;

/** Maximum of one list query. */
const perPage = 1000;

/** The youngest first, `limit` at most. The server's list lags some tens of milliseconds. */
export async function executions(
  { workflow }: Temporal,
  namespace: string,
  query: string,
  limit: number,
): Promise<Execution[]> {
  const found: Execution[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const pageSize = Math.min(perPage, limit - found.length);
    const page = await workflow.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken });
    found.push(...page.executions);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0 && found.length < limit);
  return found;
}

export async function countExecutions(
  { workflow }: Temporal,
  namespace: string,
  query: string,
): Promise<number> {
  const { count } = await workflow.countWorkflowExecutions({ namespace, query });
  return Number(count);
}

/** The result of a list query. */
export interface Found {
  readonly youngest: readonly Execution[];
  /** The count of all, listed or not. */
  readonly total: number;
}

/** More running workflows are listed: the oldest may be the stuck ones. Ten queries, the quota of one second. */
const longest = 10_000;

/** Lists `most`, and only counts the rest: a namespace has 10 such queries a second. */
export async function findExecutions(
  temporal: Temporal,
  namespace: string,
  query: string,
  most: number = perPage,
): Promise<Found> {
  const youngest = await executions(temporal, namespace, query, most);
  const total = youngest.length < most ? youngest.length : await countExecutions(temporal, namespace, query);
  return { youngest, total };
}

/** The running workflows of a namespace, to share between several functions. */
export function findRunning(temporal: Temporal, namespace: string): Promise<Found> {
  return findExecutions(temporal, namespace, "ExecutionStatus='Running'", longest);
}
