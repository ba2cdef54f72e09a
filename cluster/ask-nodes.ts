import { defined } from '../core/defined.ts';
import type { NodePlatform } from '../core/node-platform.ts';
import { type ApiTarget, callApi } from './drivers/api.ts';

/** What the record of a cluster has about its nodes; each is absent where it may not be read. */
export interface ClusterNodes {
  /** Platform of the first node. All nodes of a cluster count as alike. */
  readonly node?: NodePlatform;
  /** Where its kubelet keeps pods' logs. */
  readonly podLogs?: string;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly status?: {
      readonly nodeInfo?: { readonly operatingSystem?: string; readonly architecture?: string };
    };
  }[];
}

export async function clusterNodes(target: ApiTarget): Promise<ClusterNodes> {
  const list = await bodyOf(target, '/api/v1/nodes?limit=1');
  if (list === undefined) return {};
  const { name, ...facts } = nodesFrom(list);
  const config = name === undefined ? undefined : await bodyOf(target, `/api/v1/nodes/${name}/proxy/configz`);
  return { ...facts, ...defined({ podLogs: config === undefined ? undefined : podLogsFrom(config) }) };
}

async function bodyOf(target: ApiTarget, path: string): Promise<string | undefined> {
  const answer = await callApi(target, path).catch(() => undefined);
  return answer?.status === 200 ? answer.body : undefined;
}

/**
 * From a list of one node as the API server returns it.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function nodesFrom(body: string): Omit<ClusterNodes, 'podLogs'> & { readonly name?: string } {
  const [first] = (JSON.parse(body) as NodeList).items;
  if (first === undefined) return {};
  const { operatingSystem, architecture } = first.status?.nodeInfo ?? {};
  const node =
    operatingSystem === undefined || architecture === undefined
      ? undefined
      : { operatingSystem, architecture };
  return {
    ...defined({ node, name: first.metadata?.name }),
  };
}

/**
 * From what a kubelet says at `/configz`. An older one says nothing, as the folder is not configurable there.
 *
 * @internal Exported for its test.
 */
export function podLogsFrom(body: string): string | undefined {
  const { kubeletconfig } = JSON.parse(body) as { readonly kubeletconfig?: { readonly podLogsDir?: string } };
  return kubeletconfig?.podLogsDir;
}
