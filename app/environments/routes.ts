import { type Kube, statusOf } from '../../cluster/kube/client.ts';

export interface EnvironmentUrl {
  readonly service: string;
  readonly url: string;
}

/** As the Gateway API has it. */
export interface HttpRoute {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: {
    readonly hostnames?: readonly string[];
    readonly rules?: readonly {
      readonly matches?: readonly { readonly path?: { readonly value?: string } }[];
      readonly backendRefs?: readonly { readonly name?: string }[];
    }[];
  };
}

/** URLs of a namespace's routes, the environment's own host first; none where the Gateway API is not installed. */
export async function routesOf(kube: Kube, namespace: string, httpPort: number): Promise<EnvironmentUrl[]> {
  try {
    const list: { items?: HttpRoute[] } = await kube.objects.listNamespacedCustomObject({
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      namespace,
      plural: 'httproutes',
    });
    return urlsFrom(list.items ?? [], httpPort);
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}

export function urlsFrom(routes: readonly HttpRoute[], httpPort: number): EnvironmentUrl[] {
  return sortUrls(routes.flatMap((route) => urlsOf(route, httpPort)));
}

function urlsOf({ spec }: HttpRoute, httpPort: number): EnvironmentUrl[] {
  const port = httpPort === 80 ? '' : `:${httpPort}`;
  return (spec?.hostnames ?? []).flatMap((host) =>
    (spec?.rules ?? []).flatMap(({ matches, backendRefs }) =>
      (matches ?? [{}]).map(({ path }) => ({
        service: backendRefs?.[0]?.name ?? '',
        url: `http://${host}${port}${path?.value ?? '/'}`,
      })),
    ),
  );
}

/** A shorter host is closer to the environment's own: `b.shop.localhost` comes before `api.b.shop.localhost`. */
export function sortUrls(urls: readonly EnvironmentUrl[]): EnvironmentUrl[] {
  const labels = ({ url }: EnvironmentUrl) => new URL(url).hostname.split('.').length;
  const unique = urls.filter(({ url }, at) => urls.findIndex((other) => other.url === url) === at);
  return unique.sort((one, other) => labels(one) - labels(other) || one.url.length - other.url.length);
}
