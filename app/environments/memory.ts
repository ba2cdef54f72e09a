import type { KubeLister } from '../../cluster/kube/client.ts';
import type { ListedEnvironment } from './cluster-lists.ts';

/** What we read of a kubelet's answer: `Summary` in k8s.io/kubelet/pkg/apis/stats/v1alpha1. */
interface Summary {
  readonly pods?: readonly {
    readonly podRef?: { readonly namespace?: string };
    readonly memory?: { readonly workingSetBytes?: number };
  }[];
}

/**
 * Bytes of memory that the pods of each namespace use, by one question to each node's kubelet. Never throws: namespaces
 * of which no kubelet tells are left out.
 */
export async function memoryByNamespace(
  kube: Pick<KubeLister, 'core'>,
  environments: readonly ListedEnvironment[],
): Promise<Map<string, number>> {
  const nodes = new Set(environments.flatMap(({ pods }) => pods.flatMap(({ spec }) => spec?.nodeName ?? [])));
  const answers = await Promise.all(
    [...nodes].map((name) =>
      kube.core
        .connectGetNodeProxyWithPath({ name, path: 'stats/summary' })
        .then(parsed)
        .catch(() => ({})),
    ),
  );
  const found = new Map<string, number>();
  for (const { podRef, memory } of answers.flatMap(({ pods = [] }: Summary) => pods)) {
    const namespace = podRef?.namespace;
    const bytes = memory?.workingSetBytes;
    // A pod that has just started has 0 until the kubelet measured it.
    if (namespace !== undefined && bytes) found.set(namespace, (found.get(namespace) ?? 0) + bytes);
  }
  return found;
}

/** The whole client parses what it takes for JSON. */
function parsed(answer: unknown): Summary {
  return (typeof answer === 'string' ? JSON.parse(answer) : answer) as Summary;
}
