import { type ApiTarget, callApi } from './drivers/api.ts';

interface NodeList {
  readonly items: readonly {
    readonly spec?: { readonly podCIDRs?: readonly string[] };
    readonly status?: {
      readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    };
  }[];
}

interface SliceList {
  readonly items: readonly {
    readonly endpoints?: readonly { readonly addresses?: readonly string[] }[] | null;
  }[];
}

const slices =
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes';

/** Networks from which nodes and API servers reach pods, see the record of the cluster. Undefined where they may not be read. */
export async function nodeAddresses(target: ApiTarget): Promise<readonly string[] | undefined> {
  const answers = await Promise.all(['/api/v1/nodes', slices].map((path) => callApi(target, path))).catch(
    () => undefined,
  );
  if (answers === undefined || answers.some(({ status }) => status !== 200)) return undefined;
  const [nodes = '', apiServers = ''] = answers.map(({ body }) => body);
  return nodeAddressesFrom(nodes, apiServers);
}

/**
 * From the nodes, and the endpoints of the API server, as the API server returns them.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function nodeAddressesFrom(nodes: string, apiServers: string): readonly string[] {
  const ofNodes = (JSON.parse(nodes) as NodeList).items.flatMap(({ spec, status }) => [
    ...(status?.addresses ?? []).flatMap(({ type, address }) => (/IP$/.test(type) ? [address] : [])),
    ...(spec?.podCIDRs ?? []).flatMap(ownAddresses),
  ]);
  const ofApiServers = (JSON.parse(apiServers) as SliceList).items.flatMap(({ endpoints }) =>
    (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
  );
  return [...new Set([...ofNodes, ...ofApiServers])].sort().map(alone);
}

/** What a node takes of the range of its pods: flannel the first address for other nodes, its bridge the second. */
function ownAddresses(range: string): string[] {
  const [first = ''] = range.split('/');
  const next = first.includes(':') ? `${first}1` : first.replace(/\d+$/, (last) => String(Number(last) + 1));
  return [first, next];
}

function alone(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
