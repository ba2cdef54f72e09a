import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { Label, platformNamespace } from '../../../core/labels.ts';
import { partFacts } from '../../../core/part-facts.ts';

/** What is kept of each object that is watched: some hundred bytes instead of some thousand. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export interface Route extends Place {
  readonly hosts: readonly string[];
  /** `shop/feat-b`; absent for a route of the platform. */
  readonly environment?: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly paths: readonly string[];
  readonly service: string;
  readonly port: number;
}

export interface Service extends Place {
  readonly uid: string;
  readonly address: string;
  readonly ports: readonly ServicePort[];
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly http2: boolean;
}

export interface Slice extends Place {
  readonly service: string;
  /** It leads to this program. */
  readonly own: boolean;
  /** Those that are ready. */
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

/** On our slices: kube-proxy ignores those of another proxy, so that calls inside of the cluster fail as before. */
export const proxyLabel = 'service.kubernetes.io/service-proxy-name';
export const serviceLabel = 'kubernetes.io/service-name';
export const proxyName = 'coppice-pages';

export interface HttpRoute {
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly hostnames?: readonly string[];
    readonly rules?: readonly {
      readonly matches?: readonly { readonly path?: { readonly value?: string } }[];
      readonly backendRefs?: readonly { readonly name: string; readonly port?: number }[];
    }[];
  };
}

export function routeOf({ metadata, spec }: HttpRoute): Route {
  const { [Label.app]: app, [Label.environment]: slug } = metadata?.labels ?? {};
  return {
    ...placeOf(metadata),
    hosts: spec?.hostnames ?? [],
    ...(app !== undefined && slug !== undefined ? { environment: `${app}/${slug}` } : {}),
    rules: (spec?.rules ?? []).flatMap(({ matches, backendRefs }) => {
      const [backend] = backendRefs ?? [];
      if (backend?.port === undefined) return [];
      const paths = (matches ?? [{}]).map(({ path }) => path?.value ?? '/');
      return [{ paths, service: backend.name, port: backend.port }];
    }),
  };
}

export function serviceOf({ metadata, spec }: V1Service): Service {
  return {
    ...placeOf(metadata),
    uid: metadata?.uid ?? '',
    address: spec?.clusterIP ?? '',
    ports: (spec?.ports ?? []).map(({ name = '', port, appProtocol }) => ({
      name,
      port,
      http2: appProtocol === 'kubernetes.io/h2c',
    })),
  };
}

export function sliceOf({ metadata, endpoints, ports }: V1EndpointSlice): Slice {
  const labels = metadata?.labels ?? {};
  return {
    ...placeOf(metadata),
    service: labels[serviceLabel] ?? '',
    own: labels[proxyLabel] === proxyName,
    addresses: (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses),
    ports: (ports ?? []).flatMap(({ name = '', port }) => (port === undefined ? [] : [{ name, port }])),
  };
}

function placeOf(metadata: { readonly name?: string; readonly namespace?: string } | undefined): Place {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}

/** Whether a Service is the one of this program. */
export function isOwn({ namespace, name }: Place): boolean {
  return namespace === platformNamespace && name === partFacts.pages.service;
}
