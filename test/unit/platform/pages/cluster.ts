import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { Label, managedBy, platformNamespace } from '../../../../core/labels.ts';
import { ApiError, type KubernetesApi } from '../../../../platform/pages/program/kubernetes.ts';
import { type HttpRoute, routeOf, serviceOf, sliceOf } from '../../../../platform/pages/program/objects.ts';
import { View } from '../../../../platform/pages/program/view.ts';

export const pagesAddress = '10.214.0.9';
export const namespace = 'wt-shop--feat-b';

const pagesService: V1Service = {
  metadata: { namespace: platformNamespace, name: 'pages', uid: 'pages-uid' },
  spec: { clusterIP: pagesAddress, ports: [{ name: 'http', port: 80 }] },
};

export function service(name: string, port: number, protocol = 'http'): V1Service {
  const appProtocol = protocol === 'http' ? {} : { appProtocol: 'kubernetes.io/h2c' };
  return {
    metadata: { namespace, name, uid: `${name}-uid` },
    spec: { clusterIP: '10.214.0.1', ports: [{ name: protocol, port, ...appProtocol }] },
  };
}

export function route(
  name: string,
  host: string,
  rules: Readonly<Record<string, [string, number]>>,
): HttpRoute {
  return {
    metadata: { namespace, name, labels: { [Label.app]: 'shop', [Label.environment]: 'feat-b' } },
    spec: {
      hostnames: [host],
      rules: Object.entries(rules).map(([value, [service, port]]) => ({
        matches: [{ path: { value } }],
        backendRefs: [{ name: service, port }],
      })),
    },
  };
}

/** A slice as Kubernetes writes it. */
export function slice(of: string, name: string, port: number, ready: readonly string[]): V1EndpointSlice {
  return {
    addressType: 'IPv4',
    metadata: {
      namespace,
      name: `${of}-x7k2p`,
      labels: { [Label.managedBy]: managedBy, 'kubernetes.io/service-name': of },
    },
    endpoints: [
      { addresses: ['10.213.0.250'], conditions: { ready: false, serving: false } },
      ...ready.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ],
    ports: [{ name, port }],
  };
}

export interface Objects {
  readonly routes?: readonly HttpRoute[];
  readonly services?: readonly V1Service[];
  readonly slices?: readonly V1EndpointSlice[];
}

/** A view as its watches would have filled it. */
export function viewOf({ routes = [], services = [], slices = [] }: Objects): View {
  const view = new View();
  view.sink('routes', view.routes, routeOf).replace(routes);
  view.sink('services', view.services, serviceOf).replace([pagesService, ...services]);
  view.sliceSink(sliceOf).replace(slices);
  return view;
}

/** An API server that has answers by path (without query) and keeps what was changed. */
export class FakeApi implements KubernetesApi {
  readonly answers: Record<string, unknown> = {};
  readonly created: object[] = [];
  readonly deleted: string[] = [];

  async get<T>(path: string): Promise<T> {
    const answer = this.answers[path.replace(/\?.*$/, '')];
    if (answer === undefined) throw new ApiError(404, path);
    return answer as T;
  }

  getText(path: string): Promise<string> {
    return this.get<string>(path);
  }

  async create(_path: string, object: object): Promise<void> {
    this.created.push(object);
  }

  async delete(path: string): Promise<void> {
    this.deleted.push(path);
  }

  watch(_path: string, _onEvent: (event: unknown) => void): Promise<void> {
    return new Promise(() => {});
  }
}
