/**
 * How this machine reaches what runs in the cluster: Traefik on the machine's own loopback, node ports that Docker
 * publishes on that loopback, node ports, or the cluster's load balancer.
 */
export type Ingress = 'host-loopback' | 'published' | 'node-port' | 'load-balancer';

/**
 * Whether routes, PostgreSQL and Temporal answer on 127.0.0.1 of this machine, at the ports in the cluster's record.
 */
export function answersHere(ingress: Ingress): boolean {
  return ingress === 'host-loopback' || ingress === 'published';
}
