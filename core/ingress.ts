/**
 * How what runs in the cluster is reached from this machine: Traefik on the machine's own loopback, on ports of the
 * nodes that Docker publishes on that loopback, on ports of the nodes, or behind the cluster's load balancer.
 */
export type Ingress = 'host-loopback' | 'published' | 'node-port' | 'load-balancer';

/** Whether routes, PostgreSQL and Temporal answer on 127.0.0.1 of this machine, at the ports of the cluster's record. */
export function answersHere(ingress: Ingress): boolean {
  return ingress === 'host-loopback' || ingress === 'published';
}
