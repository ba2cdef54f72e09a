import type { Settings } from '../../../config/settings/settings.ts';
import { nodePorts, type PublishedPort } from '../../../core/node-ports.ts';
import { byPublishedPart } from '../../../core/part-facts.ts';
import type { NodeFacts } from './facts.ts';

/** Ports of 127.0.0.1 by their setting; `registry` is `k3d.registryPort`. */
export type Ports = Readonly<Partial<Record<PublishedPort | 'registry', number>>>;

/** Those that a new cluster cannot do without; `https` is not one, as nothing answers there yet. */
export function portsOf({ k3d, ports }: Pick<Settings, 'k3d' | 'ports'>): Ports {
  return { http: ports.http, ...byPublishedPart((part) => ports[part]), registry: k3d.registryPort };
}

/** Those that a cluster was created with, whatever the current settings are. */
export function publishedPorts(nodes: readonly NodeFacts[]): Ports {
  const names = Object.keys(nodePorts) as PublishedPort[];
  const published = nodes.flatMap(({ role, ports }) =>
    ports.flatMap(({ container, host }) => {
      const name = role === 'registry' ? 'registry' : names.find((one) => nodePorts[one] === container);
      return name === undefined ? [] : [[name, host] as const];
    }),
  );
  return Object.fromEntries(published);
}
