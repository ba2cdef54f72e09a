import type { NodePlatform } from '../core/node-platform.ts';
import { type ApiTarget, callApi } from './drivers/api.ts';

interface NodeList {
  readonly items: readonly {
    readonly status?: {
      readonly nodeInfo?: { readonly operatingSystem?: string; readonly architecture?: string };
    };
  }[];
}

/** Platform of the first node; undefined where nodes may not be read. All nodes of a cluster count as alike. */
export async function nodePlatform(target: ApiTarget): Promise<NodePlatform | undefined> {
  const answer = await callApi(target, '/api/v1/nodes?limit=1').catch(() => undefined);
  return answer?.status === 200 ? nodePlatformFrom(answer.body) : undefined;
}

/**
 * From a list of nodes as the API server returns it.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function nodePlatformFrom(body: string): NodePlatform | undefined {
  const { operatingSystem, architecture } = (JSON.parse(body) as NodeList).items[0]?.status?.nodeInfo ?? {};
  return operatingSystem === undefined || architecture === undefined
    ? undefined
    : { operatingSystem, architecture };
}
