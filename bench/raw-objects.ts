import { writeFileSync } from 'node:fs';
import { kubectl } from '../test/e2e/harness.ts';

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: { hostnames?: string[]; clusterIP?: string; clusterIPs?: string[] } & Record<string, unknown>;
  data?: unknown;
  status?: unknown;
}

// With the Secret: the copy's pods use the original environment's database.
const kinds = 'resourcequotas,limitranges,configmaps,secrets,services,deployments,httproutes';

/**
 * Writes the objects of one of our environments, as `kubectl apply` takes them, for another namespace and host: the
 * reference for the time of an `up` and a `down`.
 */
export async function writeRawObjects(
  file: string,
  from: { namespace: string; slug: string },
  slug: string,
): Promise<string> {
  const namespace = from.namespace.replace(from.slug, slug);
  const list = JSON.parse(await kubectl('-n', from.namespace, 'get', kinds, '-o', 'json')) as {
    items: KubernetesObject[];
  };
  const items: KubernetesObject[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }];
  for (const { apiVersion, kind, metadata, spec, data } of list.items) {
    if (metadata.name === 'kube-root-ca.crt') continue;
    const labels = metadata.labels ?? {};
    const { clusterIP: _, clusterIPs: __, ...rest } = spec ?? {};
    const hostnames = spec?.hostnames?.map((host) => host.replace(from.slug, slug));
    items.push({
      apiVersion,
      kind,
      metadata: { name: metadata.name, namespace, labels },
      ...(spec && { spec: hostnames ? { ...rest, hostnames } : rest }),
      ...(data === undefined ? {} : { data }),
    });
  }
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return namespace;
}
