import type { V1EndpointSlice } from '@kubernetes/client-node';
import { Label, managedBy } from '../../../core/labels.ts';
import { servicePorts } from '../ports.ts';
import {
  isOwn,
  type Place,
  proxyLabel,
  proxyName,
  type Service,
  type ServicePort,
  type Slice,
  serviceLabel,
} from './objects.ts';
import { keyOf, serviceKey, type View } from './view.ts';

/** A slice that leads the requests of one service to this program. */
export interface WantedSlice {
  readonly service: Service;
  readonly ports: readonly ServicePort[];
  /** Of this program's Service: it stays when the pod does not. */
  readonly address: string;
}

export interface SliceChanges {
  readonly create: readonly WantedSlice[];
  readonly delete: readonly Place[];
}

/** The pods that answer for a service, as `IP:PORT`; of any port when it has several. */
export function readyAddresses(slices: Iterable<Slice>, port: ServicePort): string[] {
  return [...slices]
    .filter(({ own }) => !own)
    .flatMap(({ addresses, ports }) =>
      ports
        .filter(({ name }) => name === port.name)
        .flatMap(({ port: number }) =>
          addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${number}`),
        ),
    );
}

/** What to change so that exactly the services that routes name and that no pod answers for lead here. */
export function sliceChanges(view: View): SliceChanges {
  const address = [...view.services.values()].find(isOwn)?.address ?? '';
  const wanted = address === '' ? new Map<string, WantedSlice>() : wantedSlices(view, address);
  const present = [...view.slices.values()].flatMap((some) => [...some.values()]).filter(({ own }) => own);
  const kept = new Set<string>();
  const superfluous = present.filter((slice) => {
    const key = serviceKey(slice.namespace, slice.service);
    const right = isRight(slice, wanted.get(key)) && !kept.has(key);
    if (right) kept.add(key);
    return !right;
  });
  return {
    create: [...wanted].filter(([key]) => !kept.has(key)).map(([, slice]) => slice),
    delete: superfluous.map(({ namespace, name }) => ({ namespace, name })),
  };
}

function wantedSlices(view: View, address: string): Map<string, WantedSlice> {
  const wanted = new Map<string, WantedSlice>();
  for (const { namespace, rules } of view.routes.values()) {
    for (const { service: name, port: number } of rules) {
      const service = view.services.get(serviceKey(namespace, name));
      const port = service?.ports.find(({ port }) => port === number);
      if (!service || !port || isOwn(service)) continue;
      const key = keyOf(service);
      if (readyAddresses(view.slices.get(key)?.values() ?? [], port).length > 0) continue;
      const before = wanted.get(key)?.ports ?? [];
      if (!before.includes(port)) wanted.set(key, { service, ports: [...before, port], address });
    }
  }
  return wanted;
}

function isRight(slice: Slice, wanted: WantedSlice | undefined): boolean {
  if (wanted === undefined || slice.addresses[0] !== wanted.address) return false;
  const same = ({ name, http2 }: ServicePort) =>
    slice.ports.some((port) => port.name === name && port.port === leadsTo(http2));
  return slice.ports.length === wanted.ports.length && wanted.ports.every(same);
}

function leadsTo(http2: boolean): number {
  return http2 ? servicePorts.http2 : servicePorts.http;
}

/** Deleted with its Service. */
export function sliceObject({ service, ports, address }: WantedSlice): V1EndpointSlice {
  const { namespace, name, uid } = service;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      // No service has two dashes in its name, and Kubernetes' own slices end in five letters after one.
      name: `${name}--page`,
      labels: {
        [Label.managedBy]: managedBy,
        [serviceLabel]: name,
        [proxyLabel]: proxyName,
        'endpointslice.kubernetes.io/managed-by': 'pages.coppice.dev',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid }],
    },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    // Traefik takes the port of a slice that has the name of the Service's.
    ports: ports.map(({ name: port, http2 }) => ({ name: port, port: leadsTo(http2), protocol: 'TCP' })),
  };
}
